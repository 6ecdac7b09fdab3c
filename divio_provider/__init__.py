"""A Pulumi dynamic provider for a Divio estate: one original application and its mirrors.

The subpackages, from the subject outwards:

* ``estate``: the subject itself, pure: data in, decisions with reasons out.
* ``api``: Divio's REST API, without any knowledge of Pulumi.
* ``resources``: Pulumi dynamic resources that join the two.
* ``program``: ``Estate``, the component that turns a declaration into resources.
* ``commands``: the command ``divio-estate``.
* ``emulator``: a local Divio for the demo and the tests.
"""

__version__ = "0.1.0"
