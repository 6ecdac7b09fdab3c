"""What a change's Django migrations mean for code that runs on: *expand* or *contract*, operation by operation.

All sites of an estate share one database. The original migrates it first, while the mirrors still run the code of
before. A change is *expand* if that code goes on reading and writing; it is *contract* if something that the database
had is removed, renamed or narrowed.

Everything here reads: git's objects, and the syntax trees of the migrations. Nothing of the project is imported or run,
so that it works in any job, whatever the project needs. It is judged for PostgreSQL, Divio's usual database.
"""
