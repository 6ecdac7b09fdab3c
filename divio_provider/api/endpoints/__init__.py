"""The nouns of Divio's API, one a file: its calls, with their paths from the contract, in and out as pydantic models."""
