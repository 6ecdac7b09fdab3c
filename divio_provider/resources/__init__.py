"""Pulumi dynamic resources for Divio: inputs go to the estate's decisions, decisions become the client's calls.

A module or a package a noun, independent of each other; inside it the provider's verbs stand in one order: check, diff,
create, read, update, delete. They stand on `reader`, that on `base`, that on `host`. Pulumi's state names a provider by
module and class, so neither is ever renamed, and a package's provider is defined in its `__init__.py`.
"""
