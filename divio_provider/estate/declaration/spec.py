"""The declaration of an estate as frozen data.

The docstrings of the fields are what an editor shows (`json_schema`). A key is accepted when it does something.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr

from divio_provider.estate.declaration.base_model import Listing, Model, Section
from divio_provider.estate.declaration.errors import Path, Problem
from divio_provider.estate.declaration.field_types import Mark, Name, SiteId, SiteMentioned, Slug
from divio_provider.estate.declaration.rollout_settings import Phase, Release, Rollout
from divio_provider.estate.declaration.sites import EnvironmentSettings, Mirror, Original, Retired
from divio_provider.estate.declaration.variable_types import SHARED_VARIABLES, SecretValue, VariableName, Variables
from divio_provider.estate.declaration.yaml_source import Document

Environment = Literal["test", "live"]
ENVIRONMENTS: tuple[Environment, ...] = ("test", "live")


class Plan(Model):
    """Divio's plans, one for each kind of application."""

    original: Name
    """The original's plan: its name or uuid."""
    mirror: Name
    """Every mirror's plan: its name or uuid."""


class SharedSettings(EnvironmentSettings):
    """What holds for every site's Test, or every site's Live."""

    shared: Section[dict[VariableName, SecretValue]] = Field(default_factory=dict)
    """Values of shared variables that Divio withholds: secrets of the stack's configuration, for this environment."""


class Spec(Model):  # noqa: PLW1641 - it holds mappings, which have no hash either
    """An estate: one original, its mirrors, and what they are given."""

    organisation: Name
    """The Divio organisation that owns every site: its name or uuid."""
    region: Name
    """The region of every site: its name or uuid. A mirror runs only where its original does."""
    plan: Plan
    """The plans new applications are created with."""
    original: Original
    """The application whose code, database and storage every site uses."""
    mirrors: Section[dict[Slug, Mirror]] = Field(default_factory=dict)
    """The mirrors by slug. Their order matters once: a new one gets the next SITE_ID."""
    retired: Section[dict[Slug, Section[Retired]]] = Field(default_factory=dict)
    """Sites that leave or have left, by slug. The only way by which a site is deleted."""
    reserved: Listing[SiteId] = ()
    """SITE_IDs without a slug that no site may be given, such as rows of django_site."""
    shared_variables: Annotated[tuple[VariableName, ...], Field(strict=False)] = SHARED_VARIABLES
    """Variables that every mirror gets from the original's same environment."""
    variables: Variables = Field(default_factory=dict)
    """Environment variables of every site. Precedence: all < environment < site < site's environment."""
    test: Section[SharedSettings] = SharedSettings()
    """What holds for every site's Test."""
    live: Section[SharedSettings] = SharedSettings()
    """What holds for every site's Live."""
    identity_variables: bool = False
    """Whether every site gets ESTATE_SLUG and ESTATE_ROLE (original or mirror), and a successor ESTATE_PREDECESSOR."""
    rollout: Section[Rollout] = Rollout()
    """How sites are deployed."""
    release: Release | None = None
    """The release that the estate is to run."""
    redeploy: Section[dict[SiteMentioned, Mark]] = Field(default_factory=dict)
    """Sites to deploy once more, by slug: each has a mark, and is deployed whenever that changes."""

    _document: Document = PrivateAttr(default_factory=Document)

    def model_post_init(self, context: Any, /) -> None:  # noqa: ANN401 - pydantic's signature
        """Keep the file's name and its lines where the parser hands over a document."""
        if isinstance(context, Document):
            self._document = context

    def __eq__(self, other: object) -> bool:
        """Two declarations are equal wherever they stand."""
        return isinstance(other, Spec) and self.__dict__ == other.__dict__

    def problem(self, path: Path, message: str) -> Problem:
        """A problem with what stands at a path, with its file and line where it was read from a file."""
        return self._document.problem(path, message)

    @property
    def slugs(self) -> tuple[str, ...]:
        """Every site's slug, the original's first, the mirrors' in the order of the file."""
        return (self.original.slug, *self.mirrors)

    def sites(self) -> Iterator[tuple[Path, str, Original | Mirror]]:
        """Every site in the order of `slugs`: its path in the declaration, its slug, and what is declared there."""
        yield ("original",), self.original.slug, self.original
        for slug, mirror in self.mirrors.items():
            yield ("mirrors", slug), slug, mirror

    def predecessors(self, slug: str) -> tuple[str, ...]:
        """The retired sites that a mirror carries on under its own slug, the last one first."""
        found = [slug]
        while (
            last := next((gone for gone, site in self.retired.items() if site.successor == found[-1]), None)
        ) is not None:
            if last in found:
                break  # a circle, which is a problem of the declaration
            found.append(last)
        return tuple(found[1:])

    def environment(self, name: Environment) -> SharedSettings:
        """What holds for every site's Test, or every site's Live."""
        return self.test if name == "test" else self.live

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """The slugs of each group's mirrors, in the order of the file."""
        names = dict.fromkeys(group for mirror in self.mirrors.values() for group in mirror.groups)
        return {name: tuple(slug for slug, mirror in self.mirrors.items() if name in mirror.groups) for name in names}

    @property
    def release_name(self) -> str | None:
        """The declared release; None where there is none, or where the stack's configuration has yet to name it."""
        return self.release.name if self.release is not None and isinstance(self.release.name, str) else None

    @property
    def phase(self) -> Phase:
        """What the declared release does to the database; `expand` where none is declared."""
        return self.release.phase if self.release is not None else "expand"

    def with_release(self, name: str) -> Self:
        """The same declaration, its phase too, with the release's name as a stack's configuration says it."""
        return self.model_copy(update={"release": Release(name=name, phase=self.phase)})

    def site(self, slug: str) -> Original | Mirror:
        """The site of a slug. Raises KeyError where there is none."""
        return self.original if slug == self.original.slug else self.mirrors[slug]
