"""A local Divio: the part of Divio's REST API that an estate touches, for demonstrations and tests.

It behaves as Divio is known to behave (deployments take time, variables reach a site only by deploying, mirrors run the
image of their original's Live), and where nobody outside Divio knows, it chooses and says so in the module concerned.

It imports nothing else of `divio_provider` and nothing of that imports it, but for the command that starts it: a client and
an emulator that shared a table of paths could not catch each other's mistakes.

Not for: holding anything of value. Its world is a toy's world, secrets included, and `GET /_emulator/world` shows all of it.

Start it with `divio-estate emulator`, which takes the flags of `settings.py`.
"""
