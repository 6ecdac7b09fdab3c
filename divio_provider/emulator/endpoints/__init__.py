"""Divio's API, a file a noun: its paths, its bodies in and out, its rules."""
