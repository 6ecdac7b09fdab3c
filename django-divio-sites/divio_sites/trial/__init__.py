"""Trying a change of migrations: what it does to code of before, seen on a scratch PostgreSQL."""

from django.core.management.base import CommandError


class TrialError(CommandError):
    """What keeps a trial from running: one sentence for the person who typed the command, and exit code 2."""

    def __init__(self, text: str) -> None:
        super().__init__(text, returncode=2)


def one_line(error: BaseException) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}".removesuffix(": ")
