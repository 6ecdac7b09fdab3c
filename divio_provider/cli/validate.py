"""`divio-estate validate`: whether a declaration can be used. No network, no Pulumi."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from divio_provider.cli.exit_codes import FOUND
from divio_provider.cli.text_files import DEFAULT, EstateFile, text_of
from divio_provider.estate.declaration.errors import Problem, SpecError
from divio_provider.estate.declaration.parser import parse
from divio_provider.estate.declaration.spec import Spec
from divio_provider.estate.health.checks import of_file
from divio_provider.estate.health.findings import Kind


def validate(
    file: EstateFile = DEFAULT,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check an estate's declaration: every problem with its line, or how many sites it has, and warnings."""
    problems: tuple[Problem, ...] = ()
    warned: list[Problem] = []
    sites = 0
    try:
        spec = parse(text_of(file), str(file))
        sites, warned = len(spec.slugs), _warnings(spec)
    except SpecError as error:
        problems = error.problems
    if as_json:
        found = {
            "file": str(file),
            "sites": sites,
            "problems": [asdict(problem) for problem in problems],
            "warnings": [asdict(warning) for warning in warned],
        }
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    elif problems:
        for problem in problems:
            typer.echo(str(problem))
    else:
        for warning in warned:
            typer.echo(f"warning: {warning}")
        typer.echo(f"{sites} {'site' if sites == 1 else 'sites'}, {'usable, with warnings' if warned else 'fine'}")
    if problems:
        raise typer.Exit(FOUND)


def _warnings(spec: Spec) -> list[Problem]:
    """What may be declared, but somebody should know of, in the order of the file."""
    found = []
    for finding in of_file(spec, datetime.now(UTC).date()):
        path = {
            Kind.HOLD_OVER: ("mirrors", finding.site, "hold", "until"),
            Kind.CONNECTIONS: ("rollout", "connections"),
        }.get(finding.kind)
        if path is not None:
            found.append(spec.problem(path, f"{finding.text}; {finding.remedy}"))
    return sorted(found, key=lambda warning: warning.line)
