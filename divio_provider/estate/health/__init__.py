"""What is amiss with an estate, held against its file or, where nobody declared it, against itself.

* ``findings``: the one type `Finding`, and the one list of its kinds.
* ``observation``: what Divio and a stack's state show. ``site``: one site of it.
* ``checks``: what is found of a site, and of a file. ``report``: the table of all sites with everything found.
"""
