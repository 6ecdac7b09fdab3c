"""The contract held against the API's own schema, and what of the unknown the live API turns out to have."""
