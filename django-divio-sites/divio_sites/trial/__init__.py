"""Whether code of before lives with a changed schema: the change is tried on a scratch PostgreSQL, never read."""
