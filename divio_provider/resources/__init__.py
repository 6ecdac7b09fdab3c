"""Pulumi dynamic resources for Divio: inputs go to the estate's decisions, decisions become the client's calls.

One file a noun; inside it the verbs stand in one order: check, diff, create, read, update, delete. The provider class
of every file is called `Crud`: Pulumi's state names a provider by module and class, and the short name keeps what each
resource carries below 100 bytes.
"""
