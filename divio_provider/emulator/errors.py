"""What ends the program before it serves."""

from __future__ import annotations


class BadFlag(ValueError):
    """A flag's value cannot be used; the text says which flag, why, and what would do."""
