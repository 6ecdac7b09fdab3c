"""The estate: the original, its mirrors, and every decision about them that needs no I/O.

Pure: data in, decisions with reasons out. Nothing here reads a file, calls Divio or knows Pulumi, so every rule can be
tested without either, and a preview needs nothing but the declaration.

* ``spec``: the declaration (`stacks/estate.yaml`) as frozen data, read with all its problems at once.
* ``site_ids``: which `SITE_ID` belongs to which site, for ever.
* ``variables``: what every environment of every site is to be given.
* ``waves``: which sites are deployed together.
* ``connections``: whether their database takes the connections of all of them.
* ``warnings``: what may be declared, but somebody should know of.
* ``schema``: the JSON Schema that an editor checks the file with.
"""
