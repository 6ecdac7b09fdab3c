"""`stacks/estate.yaml` becomes a `Spec`, or a list of problems with file, line and what would be right.

* ``parser``: the way in, and the order of the checks. ``yaml_source``: the one reader of the file.
* ``spec``, ``sites``, ``rollout_settings``: what may be declared, as pydantic models; ``field_types`` and ``variable_types`` are
  the types of single values, ``rules`` what no single value can tell, such as two sites with one domain.
* ``validation_messages``, ``errors``: what a person is told. ``json_schema``: the same models for editors.
* ``manage_scope``: which part of an estate a stack manages.
"""
