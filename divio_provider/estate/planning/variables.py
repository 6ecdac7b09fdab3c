"""What every environment of every site is to be given, and where each value was declared.

Precedence: all sites < all sites' environment < the site < the site's environment. Not here, because no declaration
sets them: `SITE_ID` (the register's) and the shared variables of mirrors (the original's).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from divio_provider.estate.declaration.errors import Path, Problem
from divio_provider.estate.declaration.spec import ENVIRONMENTS, Environment, Spec
from divio_provider.estate.declaration.variable_types import Secret
from divio_provider.estate.planning.wiring import RELEASE


@dataclass(frozen=True)
class SecretRef:
    """A value that stands in the stack's configuration under `key`, a path where it has dots.

    >>> SecretRef("secrets.acme-shop.SMTP_PASSWORD").command
    "pulumi config set --secret --path 'secrets.acme-shop.SMTP_PASSWORD'"
    >>> SecretRef("smtpPassword").command
    'pulumi config set --secret smtpPassword'
    """

    key: str

    @property
    def command(self) -> str:
        """The command that sets it; it asks for the value, so that no shell's history keeps it."""
        return "pulumi config set --secret " + (f"--path '{self.key}'" if "." in self.key else self.key)


class NeededSecret(NamedTuple):
    """A secret that an environment needs: the path where it is declared, and its key in the stack's configuration."""

    path: Path
    environment: Environment
    key: str


class _Declared(NamedTuple):
    value: str | Secret
    path: Path
    scope: str


def variables_of(spec: Spec, slug: str, environment: Environment) -> dict[str, str | SecretRef]:
    """One environment's variables by name, sorted: text, or a reference to a secret.

    Raises KeyError for a slug that is no site.
    """
    found = {
        name: _reference(value, scope, name) if isinstance(value, Secret) else value
        for name, (value, _, scope) in _declared(spec, slug, environment).items()
    }
    if spec.identity_variables:
        found["ESTATE_SLUG"] = slug
        found["ESTATE_ROLE"] = "original" if slug == spec.original.slug else "mirror"
        if predecessors := spec.predecessors(slug):
            found["ESTATE_PREDECESSOR"] = predecessors[0]
    if slug == spec.original.slug and spec.release_name is not None:
        found[RELEASE] = spec.release_name
    return dict(sorted(found.items()))


def shared_secrets(spec: Spec, environment: Environment) -> dict[str, SecretRef]:
    """Shared variables whose value Divio withholds, so that the stack's configuration gives it, by name."""
    shared = spec.environment(environment).shared
    return {name: _reference(given, environment, name) for name, given in shared.items()}


def secrets_of(spec: Spec) -> Iterator[NeededSecret]:
    """Every secret that the stack's configuration must have, those of variables first, site by site."""
    for slug in spec.slugs:
        for environment in ENVIRONMENTS:
            for name, (value, path, scope) in sorted(_declared(spec, slug, environment).items()):
                if isinstance(value, Secret):
                    yield NeededSecret(path, environment, _reference(value, scope, name).key)
    verify = spec.rollout.verify
    for environment in ENVIRONMENTS:
        for name, reference in shared_secrets(spec, environment).items():
            yield NeededSecret((environment, "shared", name), environment, reference.key)
        if verify is not None and verify.auth is not None:
            yield NeededSecret(("rollout", "verify", "auth", "secret"), environment, verify.auth.secret)


def missing_secret(spec: Spec, needed: NeededSecret) -> Problem:
    """What to say when the stack lacks a secret: where it is declared, and the command that sets it."""
    message = f"the stack has no secret {needed.key}; set it: {SecretRef(needed.key).command}"
    return spec.problem(needed.path, message)


def _reference(secret: Secret, scope: str, name: str) -> SecretRef:
    return SecretRef(f"secrets.{scope}.{name}" if secret.secret is True else secret.secret)


def _declared(spec: Spec, slug: str, environment: Environment) -> dict[str, _Declared]:
    site = spec.site(slug)
    place: Path = ("original",) if slug == spec.original.slug else ("mirrors", slug)
    of_site = site.test if environment == "test" else site.live
    layers: tuple[tuple[Path, str, Mapping[str, str | Secret]], ...] = (
        ((), "all", spec.variables),
        ((environment,), environment, spec.environment(environment).variables),
        (place, slug, site.variables),
        ((*place, environment), slug, of_site.variables),
    )
    return {
        name: _Declared(value, (*path, "variables", name), scope)
        for path, scope, layer in layers
        for name, value in layer.items()
    }
