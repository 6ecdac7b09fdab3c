"""The estate: the original, its mirrors, and every decision about them that needs no I/O.

Pure: data in, decisions with reasons out. Nothing here reads a file, calls Divio or knows Pulumi, so every rule can be
tested without either, and a preview needs nothing but the declaration.

* ``declaration``: `stacks/estate.yaml` as frozen data, or what is wrong with it.
* ``planning``: what to do, and why.
* ``health``: what is amiss.
"""
