"""What every environment of every site is to be given, and where each value was declared.

Precedence: all sites < all sites' environment < the site < the site's environment. Not here, because no declaration
sets them: `SITE_ID` (the register's) and the shared variables of mirrors (the original's).
"""

from dataclasses import dataclass
from typing import NamedTuple

from divio_provider.estate.declaration.errors import Problem
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
    """A secret that one environment's variable needs: `key` of the stack's configuration."""

    slug: str
    environment: Environment
    name: str
    key: str


class _Declared(NamedTuple):
    value: str | Secret
    dotted: str
    scope: str


def variables_of(spec: Spec, slug: str, environment: Environment) -> dict[str, str | SecretRef]:
    """One environment's variables by name, sorted: text, or a reference to a secret.

    Raises KeyError for a slug that is no site.
    """
    found: dict[str, str | SecretRef] = {}
    for name, declared in _declared(spec, slug, environment).items():
        if isinstance(declared.value, Secret):
            named = declared.value.secret
            found[name] = SecretRef(f"secrets.{declared.scope}.{name}" if named is True else named)
        else:
            found[name] = declared.value
    if spec.identity_variables:
        found["ESTATE_SLUG"] = slug
        found["ESTATE_ROLE"] = "original" if slug == spec.original.slug else "mirror"
    if slug == spec.original.slug and spec.release_name is not None:
        found[RELEASE] = spec.release_name
    return dict(sorted(found.items()))


def declared_at(spec: Spec, slug: str, environment: Environment, name: str) -> str:
    """The dotted key under which a variable's effective value is declared, empty where it is not."""
    declared = _declared(spec, slug, environment).get(name)
    return declared.dotted if declared else ""


def secrets_of(spec: Spec) -> list[NeededSecret]:
    """Every secret that the stack's configuration must have, site by site."""
    return [
        NeededSecret(slug, environment, name, value.key)
        for slug in spec.slugs
        for environment in ENVIRONMENTS
        for name, value in variables_of(spec, slug, environment).items()
        if isinstance(value, SecretRef)
    ]


def shared_secrets(spec: Spec, environment: Environment) -> dict[str, SecretRef]:
    """Shared variables whose value Divio withholds, so that the stack's configuration gives it, by name."""
    return {
        name: SecretRef(f"secrets.{environment}.{name}" if given.secret is True else given.secret)
        for name, given in spec.environment(environment).shared.items()
    }


def missing_secret(spec: Spec, needed: NeededSecret) -> Problem:
    """What to say when the stack lacks a secret: where it is declared, and the command that sets it."""
    key = declared_at(spec, needed.slug, needed.environment, needed.name)
    message = f"the stack has no secret {needed.key}; set it: {SecretRef(needed.key).command}"
    return Problem(spec.file, spec.positions.get(key, 0), key, message)


def _declared(spec: Spec, slug: str, environment: Environment) -> dict[str, _Declared]:
    site = spec.site(slug)
    place = "original" if slug == spec.original.slug else f"mirrors.{slug}"
    of_all = spec.environment(environment)
    of_site = site.test if environment == "test" else site.live
    layers = (
        ("variables", "all", spec.variables),
        (f"{environment}.variables", environment, of_all.variables),
        (f"{place}.variables", slug, site.variables),
        (f"{place}.{environment}.variables", slug, of_site.variables),
    )
    return {
        name: _Declared(value, f"{dotted}.{name}", scope)
        for dotted, scope, layer in layers
        for name, value in layer.items()
    }
