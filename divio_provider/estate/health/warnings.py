"""What a declaration may say, but somebody should know of before it is rolled out."""

from datetime import date

from divio_provider.estate.declaration.errors import Problem
from divio_provider.estate.declaration.spec import Spec
from divio_provider.estate.planning.connections import connections_warning


def warnings(spec: Spec, today: date) -> list[Problem]:
    """Holds whose last day is over, and more connections than the database takes; each with its line, in their order.

    >>> from divio_provider.estate.declaration.parser import declare
    >>> shop = {"name": "Shop", "hold": {"reason": "moving", "until": "2026-11-30"}}
    >>> spec = declare({"organisation": "Acme", "region": "Frankfurt", "plan": {"original": "L", "mirror": "S"},
    ...                 "original": {"slug": "main", "name": "Main"}, "mirrors": {"shop": shop}})
    >>> [warning.key for warning in warnings(spec, date(2026, 12, 1))], warnings(spec, date(2026, 11, 30))
    (['mirrors.shop.hold.until'], [])
    """
    said = {
        f"mirrors.{slug}.hold.until": mirror.hold.overdue(today)
        for slug, mirror in spec.mirrors.items()
        if mirror.hold is not None
    }
    said["rollout.connections"] = connections_warning(spec).removeprefix("rollout.connections: ")
    found = [Problem(spec.file, spec.positions.get(key, 0), key, text) for key, text in said.items() if text]
    return sorted(found, key=lambda warning: warning.line)
