"""What is amiss with an estate, held against its declaration or, where nobody declared it, against itself.

* ``observed``, ``site``: what Divio shows, and one site of it.
* ``findings``, ``status``: what differs from the declaration, and the table of all sites.
* ``faults``, ``inspection``: what is wrong with an estate that nobody declared to us.
* ``warnings``: what may be declared, but somebody should know of.
"""
