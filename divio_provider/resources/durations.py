"""How long a `Deployment` took, in a line that a person reads after the run."""

from collections.abc import Mapping


def took(durations: Mapping[str, float], seconds: float, failed: int = 0) -> str:
    """The line; empty where nothing was deployed.

    `durations` are the seconds of each deployment by its target's key (`slug/environment`), `seconds` is the whole step
    from its first start to its last end, `failed` how many targets of it failed.

    >>> took({"acme-blog/live": 19.94, "acme-shop/live": 20.06}, 20.31)
    '2 deployed in 20.3 s; slowest acme-shop live 20.1 s'
    >>> took({"acme-main/live": 20.06}, 20.31)
    'acme-main live deployed in 20.3 s'
    >>> took({"acme-blog/live": 19.94}, 20.31, failed=1)
    'acme-blog live deployed in 20.3 s; 1 failed'
    >>> took({}, 0.0)
    ''
    """
    if not durations:
        return ""
    slowest = max(durations, key=lambda key: durations[key])
    label = slowest.replace("/", " ")
    failures = f"; {failed} failed" if failed else ""
    if len(durations) == 1:
        return f"{label} deployed in {seconds:.1f} s{failures}"
    return f"{len(durations)} deployed in {seconds:.1f} s; slowest {label} {durations[slowest]:.1f} s{failures}"
