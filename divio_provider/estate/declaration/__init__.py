"""estate.yaml as checked data."""
