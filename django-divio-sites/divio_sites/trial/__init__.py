"""Trying a change of migrations: what it does to code of before, seen on a scratch PostgreSQL."""


class TrialError(Exception):
    """What keeps a trial from running: one sentence for the person who typed the command."""


class OperationError(TrialError):
    """An operation of the change cannot be run."""


def first_line(error: BaseException) -> str:
    """What an error says first, as a sentence."""
    return (str(error).strip().partition("\n")[0] or type(error).__name__).removesuffix(".") + "."
