"""What a person reads where an extra of the package is not installed."""


def missing_extra(who: str, error: ModuleNotFoundError, extra: str) -> str:
    """The sentence: `who` cannot do without the module that is missing, and how the extra with it is installed."""
    return f"{who} needs {error.name}: pip install 'divio-provider[{extra}]'"
