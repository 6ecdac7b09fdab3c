"""The nouns of Divio's API, one a file: its calls, with their paths from the contract, in and out as pydantic models.

The same everywhere: ``uuid``, ``application``, ``environment``, ``organisation`` and ``region`` are Divio's own ids; what
is not found is None or ``NotFound``, which also means "not permitted"; a list is read once a run, and ``fresh`` asks for it
now; what a write changes takes effect on a site with the environment's next deployment.
"""
