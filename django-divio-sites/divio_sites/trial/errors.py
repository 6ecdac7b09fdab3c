"""What keeps a trial from running."""


class TrialError(Exception):
    """One sentence for the person who typed the command."""
