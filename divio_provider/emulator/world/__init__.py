"""What there is: the tables, the database, its clock, whole worlds in and out."""
