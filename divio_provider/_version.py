"""The package's version, apart from its public names, which the client must not import."""

__version__ = "0.1.0"
