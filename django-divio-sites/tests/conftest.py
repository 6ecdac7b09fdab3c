"""What all tests of the package share: a PostgreSQL of our own."""

from tests.postgres import postgres

__all__ = ["postgres"]
