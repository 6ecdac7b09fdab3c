"""What a failed `Deployment` says: every environment that failed or is unfinished, and how to go on."""

from divio_provider.resources.outcome import Outcome


def report(name: str, outcome: Outcome) -> str:
    """A few lines for people; `name` is the `Deployment`'s."""
    lines = [f"{name}: {len(outcome.failed)} of {outcome.looked_at} environments failed"]
    lines += [reason for _, reason in sorted(outcome.failed.items())]
    lines += [f"{key.replace('/', ' ')} is unfinished: {reason}" for key, reason in sorted(outcome.unfinished.items())]
    lines.append("What was deployed stays; the next pulumi up looks again and deploys only what is missing.")
    return "\n".join(lines)
