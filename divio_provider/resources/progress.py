"""Where a step stands, in the line that the CLI shows beside the resource."""

from collections.abc import Iterable


def line(total: int, done: int, running: Iterable[tuple[str, float | None, str | None]]) -> str:
    """The line: sites done, the step's percentage, the slowest site.

    `total` and `done` count targets, `running` has the label, the percentage and the stage of each that runs; None
    where Divio has not told.

    >>> line(4, 1, [("acme-shop live", 40.0, "Build"), ("acme-blog live", 80.0, "Scaling")])
    '1 of 4 done, 55 %; slowest: acme-shop live, 40 %, Build'
    >>> line(2, 0, [("acme-shop live", None, None)])
    '0 of 2 done, 0 %; slowest: acme-shop live'
    """
    standing = list(running)
    percent = (100 * done + sum(part or 0 for _, part, _ in standing)) / total if total else 100
    text = f"{done} of {total} done, {percent:.0f} %"
    if not standing:
        return text
    label, part, stage = min(standing, key=lambda one: one[1] or 0)
    where = [label, "" if part is None else f"{part:.0f} %", stage or ""]
    return f"{text}; slowest: {', '.join(word for word in where if word)}"
