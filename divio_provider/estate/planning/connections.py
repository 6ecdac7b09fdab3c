"""Whether the database that all sites share takes the connections that a rollout asks for."""

from divio_provider.estate.declaration.spec import Spec
from divio_provider.estate.planning.waves import at_once_on_test, waves


def connections_warning(spec: Spec) -> tuple[str, str]:
    """Where the sites would ask for more connections than their database takes: a clause, and what helps; else empty.

    Every site holds `per_site` connections, and one that is being deployed twice as many, because its old container
    runs until the new one answers. Counted for one environment, since Test and Live have a database each, at the step
    that deploys most sites at once. The `wiring` is not counted: it follows a changed DSN, deploys all mirrors at once
    whatever the waves say, because they are down, and happens outside a release.

    Nobody knows how Divio counts the connections of a database that several applications share; its documented limit
    is 60 for one environment.
    """
    connections = spec.rollout.connections
    if connections is None:
        return "", ""
    at_once, step = _largest_step(spec)
    asked = (len(spec.slugs) + at_once) * connections.per_site
    if asked <= connections.limit:
        return "", ""
    text = (
        f"{len(spec.slugs)} sites with {at_once} of them deployed at once ({step}) and "
        f"{connections.per_site} connections each ask for {asked} of the {connections.limit} that an environment's "
        f"database takes"
    )
    fewer = (
        "fewer connections per site (processes, threads, CONN_MAX_AGE), or a plan with more of them (connections.limit)"
    )
    if spec.mirrors and (len(spec.slugs) + 1) * connections.per_site <= connections.limit:
        return text, f"a smaller max_parallel in the waves, {fewer} brings it down"
    return text, f"no max_parallel is small enough: it takes {fewer}"


def _largest_step(spec: Spec) -> tuple[int, str]:
    """The most sites deployed at once, and in which step. The original's own is a step of one."""
    mirrors = len(spec.mirrors)
    steps = [(1, "the original")]
    if mirrors:
        steps.append((at_once_on_test(spec) or mirrors, "mirrors' Tests"))
    steps += [(wave.at_once, f"wave {wave.name}") for wave in waves(spec)]
    return max(steps, key=lambda step: step[0])
