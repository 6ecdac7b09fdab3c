"""News: every article belongs to one site."""
