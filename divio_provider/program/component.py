"""`Estate`: the component that turns a declaration into resources.

The order is the recipe's: the original with its services, its Test and its Live deployed, then the mirrors, their
variables, and only then their deployments; Tests before Lives, Lives in waves.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from divio_provider.estate.declaration.manage_scope import MANAGE_SCOPES
from divio_provider.estate.declaration.parser import declare
from divio_provider.estate.declaration.spec import ENVIRONMENTS, Spec
from divio_provider.estate.planning.site_id_allocation import SiteIdError, allocate
from divio_provider.estate.planning.unfinished import Report, merged
from divio_provider.program.deployment_steps import Rehearsal, Steps
from divio_provider.program.environments import EnvironmentPart
from divio_provider.program.outputs import Site, gathered, table
from divio_provider.program.stack_config import Secrets, SitesTable
from divio_provider.resources.application import Application
from divio_provider.resources.base.deletion import REGISTER, is_named, manage_no_domains, may_leave, retire
from divio_provider.resources.base.resource import type_chain
from divio_provider.resources.mirror import Mirror
from divio_provider.resources.site_ids import SiteIds

TYPE = "divio:index:Estate"


class Estate(pulumi.ComponentResource):
    """An original and its mirrors, declared, wired and deployed.

    Outputs: `sites`, a `Site` for each slug, and `table`, the same as text for other stacks; `register`, the `SITE_ID`s
    in use and retired; `unfinished`, a map of slugs to what could not be done for now; `durations`, how long each step
    last took, by its `Deployment`'s name; `rehearsal`, what a release's rehearsal found out, None where this stack holds
    none.
    """

    sites: dict[str, Site]
    table: pulumi.Output[str]
    register: pulumi.Output[dict[str, Any]]
    unfinished: pulumi.Output[Report]
    durations: pulumi.Output[dict[str, str]]
    rehearsal: Rehearsal | None

    def __init__(
        self,
        name: str,
        spec: Spec | Mapping[str, Any],
        manage: Sequence[str] = MANAGE_SCOPES,
        sites: pulumi.Output[SitesTable] | None = None,
        secrets: Secrets | None = None,
        until: str | None = None,
        tested: Rehearsal | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the estate.

        `spec` is a `Spec`, or the same data as in the file. `manage` is what this stack takes care of: `sites`, `test`,
        `live`. Where that lacks `sites`, `sites` is the table of the stack that has them (`stack_config.sites_of`). `secrets`
        finds the values of `{secret: …}`; default: the project's configuration. `until` names the wave after which
        nothing is deployed for now. `tested` is the rehearsal of the stack that manages Test (`stack_config.rehearsal_of`), where
        that is another one. Raises `SpecError` for a declaration that cannot be.
        """
        super().__init__(TYPE, name, {}, opts)
        self.type_chain = type_chain(TYPE, opts)
        self.spec = spec if isinstance(spec, Spec) else declare(spec)
        self.uuids: dict[str, pulumi.Output[str]] = {}
        self._secrets = secrets or Secrets(pulumi.Config())
        self._table = sites
        self._applications: dict[str, pulumi.Resource] = {}
        self._after_register: list[pulumi.Resource] = []
        self._reports: list[pulumi.Output[dict[str, Any]]] = []
        self._site_ids: dict[str, pulumi.Output[str]] = {}
        self._parts = {name: EnvironmentPart(self, name) for name in ENVIRONMENTS if name in manage}
        self._steps = Steps(self, self._parts, until, tested)
        retire(self.spec.retired)
        if "live" not in manage:
            manage_no_domains()
        self._declare(with_sites="sites" in manage)
        self.durations = self._steps.durations()
        self.rehearsal = self._steps.rehearsal
        self.sites = {slug: self._site(slug) for slug in self.spec.slugs}
        self.table = table(self.register, list(self.sites.values()))
        self.unfinished = gathered(self._reports, merged)
        self.register_outputs({"unfinished": self.unfinished})

    def options(self, **more: Any) -> pulumi.ResourceOptions:  # noqa: ANN401 - whatever Pulumi's options take
        """The options of a child."""
        return pulumi.ResourceOptions(parent=self, **more)

    def report(self, unfinished: pulumi.Output[dict[str, Any]]) -> None:
        """Take a resource's `unfinished` into the estate's."""
        self._reports.append(unfinished)

    def application(self, slug: str) -> pulumi.Resource | None:
        """A site's application as a resource of this stack; None where another stack manages it."""
        return self._applications.get(slug)

    def site_id(self, slug: str) -> pulumi.Output[str]:
        """A site's `SITE_ID` as text, known in previews."""
        if slug not in self._site_ids:
            self._site_ids[slug] = self.register.apply(lambda register: str(int(register["ids"][slug])))
        return self._site_ids[slug]

    def secret(self, key: str) -> pulumi.Output[str]:
        """A secret of the stack's configuration."""
        return self._secrets.output(key)

    def _declare(self, *, with_sites: bool) -> None:
        self.register = self._allocated() if with_sites else self._predicted()
        if with_sites:
            self._declare_original()
        else:
            self._take_applications()
        originals = self._steps.deploy_original()
        if with_sites:
            self._declare_mirrors(originals)
        for part in self._parts.values():
            for slug in self.spec.mirrors:
                part.declare_mirror(slug, originals)
        self._steps.deploy_mirrors(originals)

    def _pins(self) -> dict[str, int]:
        pins = {slug: self.spec.site(slug).site_id for slug in self.spec.slugs}
        return {slug: number for slug, number in pins.items() if number is not None}

    def _allocated(self) -> pulumi.Output[dict[str, Any]]:
        register = SiteIds(
            "site-ids",
            original=self.spec.original.slug,
            mirrors=list(self.spec.mirrors),
            pins=self._pins(),
            retired={slug: gone.model_dump(exclude_none=True) for slug, gone in self.spec.retired.items()},
            reserved=self.spec.reserved,
            opts=self.options(protect=not is_named(REGISTER)),
        )
        self._after_register = [register]
        return pulumi.Output.all(ids=register.ids, retired=register.retired)

    def _predicted(self) -> pulumi.Output[dict[str, Any]]:
        """The register of the stack that manages sites, with what it is going to allocate for sites it lacks."""

        def predict(table: SitesTable) -> dict[str, Any]:
            spec = self.spec
            try:
                register = allocate(
                    spec.original.slug,
                    list(spec.mirrors),
                    self._pins(),
                    table.register,
                    spec.retired,
                    spec.reserved,
                    may_leave(),
                )
            except SiteIdError as error:
                raise pulumi.RunError(str(error)) from None
            return {"ids": register.ids, "retired": register.retired}

        return self._sites_table().apply(predict)

    def _sites_table(self) -> pulumi.Output[SitesTable]:
        if self._table is None:
            raise pulumi.RunError("an Estate that does not manage sites needs the table of sites of a stack that does")
        return self._table

    def _take_applications(self) -> None:
        def uuid(slug: str) -> pulumi.Output[str]:
            return self._sites_table().apply(lambda table: table.applications.get(slug, ""))

        self.uuids = {slug: uuid(slug) for slug in self.spec.slugs}

    def _declare_original(self) -> None:
        spec, original = self.spec, self.spec.original
        application = Application(
            original.slug,
            slug=original.slug,
            name=original.name,
            organisation=spec.organisation,
            region=spec.region,
            plan=spec.plan.original,
            repository=original.repository,
            branch=original.branch.model_dump(exclude_none=True) or None,
            app_template=original.app_template,
            release_commands=[command.model_dump() for command in original.release_commands] or None,
            opts=self.options(protect=not is_named(original.slug), depends_on=self._after_register),
        )
        self._applications[original.slug] = application
        self.uuids[original.slug] = application.uuid

    def _declare_mirrors(self, after: Sequence[pulumi.Resource]) -> None:
        spec = self.spec
        for slug, declared in spec.mirrors.items():
            mirror = Mirror(
                slug,
                slug=slug,
                name=declared.name,
                original=spec.original.slug,
                original_uuid=self.uuids[spec.original.slug],
                organisation=spec.organisation,
                region=spec.region,
                plan=spec.plan.mirror,
                opts=self.options(depends_on=[*self._after_register, *after], retain_on_delete=declared.retain),
            )
            self._applications[slug] = mirror
            self.uuids[slug] = mirror.uuid
            self.report(mirror.unfinished)

    def _site(self, slug: str) -> Site:
        return Site(slug, self.register, self.uuids[slug], *self._steps.environments(slug))
