"""`Estate`: the component that turns a declaration into resources, and `run`, the whole of a `__main__.py`.

The order is the recipe's: the original with its services, its Test and its Live deployed, then the mirrors, their
variables, and only then their deployments; Tests before Lives, Lives in waves.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from divio_provider.environment import EnvironmentPart, Target
from divio_provider.estate.parts import PARTS
from divio_provider.estate.site_ids import SiteIdError, allocate
from divio_provider.estate.spec import ENVIRONMENTS, Spec, declare
from divio_provider.estate.waves import waves
from divio_provider.resources.application import Application
from divio_provider.resources.deployment import Deployment
from divio_provider.resources.mirror import Mirror
from divio_provider.resources.provider import type_chain
from divio_provider.resources.site_ids import SiteIds, register_of
from divio_provider.sites import Site, SiteEnvironment, merged
from divio_provider.stack import Secrets, StackSettings, sites_of

__all__ = ["Estate", "Site", "SiteEnvironment", "run"]

TYPE = "divio:index:Estate"


class Estate(pulumi.ComponentResource):
    """An original and its mirrors, declared, wired and deployed.

    Outputs: `sites`, a `Site` for each slug; `register`, the `SITE_ID`s in use and retired; `unfinished`, a map of
    slugs to what could not be done for now; `durations`, how long each step last took, by its `Deployment`'s name.
    """

    sites: dict[str, Site]
    register: pulumi.Output[dict[str, Any]]
    unfinished: pulumi.Output[dict[str, str]]
    durations: dict[str, pulumi.Output[str]]

    def __init__(
        self,
        name: str,
        spec: Spec | Mapping[str, Any],
        manage: Sequence[str] = PARTS,
        sites: pulumi.Output[dict[str, Any]] | None = None,
        secrets: Secrets | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the estate.

        `spec` is a `Spec`, or the same data as in the file. `manage` is what this stack takes care of: `sites`, `test`,
        `live`. Where that lacks `sites`, `sites` is the table of the stack that has them (`stack.sites_of`). `secrets`
        finds the values of `{secret: …}`; default: the project's configuration. Raises `SpecError` for a declaration
        that cannot be.
        """
        super().__init__(TYPE, name, {}, opts)
        self.type_chain = type_chain(TYPE, opts)
        self.spec = spec if isinstance(spec, Spec) else declare(spec)
        self.uuids: dict[str, pulumi.Output[str]] = {}
        self._secrets = secrets or Secrets(pulumi.Config())
        self._table = sites
        self._applications: dict[str, pulumi.Resource] = {}
        self._reports: list[pulumi.Output[dict[str, str]]] = []
        self._urls: dict[str, pulumi.Output[str]] = {}
        self.durations = {}
        self._parts = {name: EnvironmentPart(self, name) for name in ENVIRONMENTS if name in manage}
        self._declare(with_sites="sites" in manage)
        self.sites = {slug: self._site(slug) for slug in self.spec.slugs}
        self.unfinished = pulumi.Output.all(*self._reports).apply(merged)
        self.register_outputs({"unfinished": self.unfinished})

    def options(self, **more: Any) -> pulumi.ResourceOptions:  # noqa: ANN401 - whatever Pulumi's options take
        """The options of a child."""
        return pulumi.ResourceOptions(parent=self, **more)

    def report(self, unfinished: pulumi.Output[dict[str, str]]) -> None:
        """Take a resource's `unfinished` into the estate's."""
        self._reports.append(unfinished)

    def application(self, slug: str) -> pulumi.Resource | None:
        """A site's application as a resource of this stack; None where another stack manages it."""
        return self._applications.get(slug)

    def site_id(self, slug: str) -> pulumi.Output[int]:
        """A site's `SITE_ID`, known in previews."""
        return self.register.apply(lambda register: int(register["ids"][slug]))

    def secret(self, key: str) -> pulumi.Output[str]:
        """A secret of the stack's configuration."""
        return self._secrets.output(key)

    def _declare(self, *, with_sites: bool) -> None:
        self.register = self._allocated() if with_sites else self._predicted()
        if with_sites:
            self._declare_original()
        else:
            self._take_applications()
        originals = self._deploy_original()
        if with_sites:
            self._declare_mirrors(originals)
        for part in self._parts.values():
            for slug in self.spec.mirrors:
                part.declare_mirror(slug, originals)
        if self.spec.mirrors and self._parts:
            self._deploy_mirrors(originals)

    def _pins(self) -> dict[str, int]:
        pins = {slug: self.spec.site(slug).site_id for slug in self.spec.slugs}
        return {slug: number for slug, number in pins.items() if number is not None}

    def _allocated(self) -> pulumi.Output[dict[str, Any]]:
        register = SiteIds(
            "site-ids",
            original=self.spec.original.slug,
            mirrors=list(self.spec.mirrors),
            pins=self._pins(),
            reserved=self.spec.site_ids.reserved,
            opts=self.options(),
        )
        return pulumi.Output.all(ids=register.ids, retired=register.retired)

    def _predicted(self) -> pulumi.Output[dict[str, Any]]:
        """The register of the stack that manages sites, with what it is going to allocate for sites it lacks."""

        def predict(table: Mapping[str, Any]) -> dict[str, Any]:
            spec, before = self.spec, register_of(table["site_ids"])
            try:
                register = allocate(
                    spec.original.slug, list(spec.mirrors), self._pins(), spec.site_ids.reserved, before
                )
            except SiteIdError as error:
                raise pulumi.RunError(str(error)) from None
            return {"ids": register.ids, "retired": register.retired}

        return self._sites_table().apply(predict)

    def _sites_table(self) -> pulumi.Output[dict[str, Any]]:
        if self._table is None:
            raise pulumi.RunError("an Estate that does not manage sites needs the table of sites of a stack that does")
        return self._table

    def _take_applications(self) -> None:
        def uuid(slug: str) -> pulumi.Output[str]:
            return self._sites_table().apply(
                lambda table: str((table["sites"].get(slug) or {}).get("application") or "")
            )

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
            opts=self.options(protect=original.protect),
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
                source=self.uuids[spec.original.slug],
                organisation=spec.organisation,
                region=spec.region,
                plan=spec.plan.mirror,
                opts=self.options(depends_on=list(after), protect=declared.protect, retain_on_delete=declared.retain),
            )
            self._applications[slug] = mirror
            self.uuids[slug] = mirror.uuid
            self.report(mirror.unfinished)

    def _deploy_original(self) -> list[Deployment]:
        """Test, then Live: each alone, so that migrations run once."""
        slug, steps = self.spec.original.slug, list[Deployment]()
        release = self.spec.release_name
        for environment, part in self._parts.items():
            part.declare_original()
            targets = {f"{slug}/{environment}": part.original_target()}
            steps.append(self._deployment(f"original-{environment}", "original", targets, steps, release=release))
        return steps

    def _deploy_mirrors(self, originals: Sequence[Deployment]) -> None:
        mirrors = list(self.spec.mirrors)
        release = self.spec.release_name
        released_at = originals[-1].released_at_here if "live" in self._parts else None
        common = {"release": release, "released_at": released_at}
        wired = {
            f"{slug}/{environment}": part.wiring_target(slug)
            for environment, part in self._parts.items()
            for slug in mirrors
        }
        before = self._deployment("wiring", "wiring", wired, originals)
        if "test" in self._parts:
            tests = {f"{slug}/test": self._parts["test"].mirror_target(slug) for slug in mirrors}
            before = self._deployment("mirrors-test", "mirrors", tests, [before], **common)
        elif release is not None:
            tests = {f"{slug}/test": EnvironmentPart(self, "test").foreign_target(slug) for slug in mirrors}
            before = self._deployment("mirrors-test", "mirrors", tests, [before], **common)
        for wave in waves(self.spec) if "live" in self._parts else ():
            lives = {f"{slug}/live": self._parts["live"].mirror_target(slug) for slug in wave.sites}
            name = f"live-{wave.name}"
            before = self._deployment(name, "mirrors", lives, [before], max_parallel=wave.max_parallel, **common)

    def _deployment(
        self,
        name: str,
        role: str,
        targets: Mapping[str, Target],
        after: Sequence[pulumi.Resource],
        **more: Any,  # noqa: ANN401 - whatever a Deployment takes
    ) -> Deployment:
        rollout = self.spec.rollout
        deployment = Deployment(
            name,
            role=role,
            targets=targets,
            max_failures=rollout.max_failures,
            timeout=rollout.timeout,
            verify=self._verification() if role != "wiring" else None,
            opts=self.options(depends_on=list(after)),
            **more,
        )
        self.report(deployment.unfinished)
        self.durations[name] = deployment.took
        if role != "wiring":
            for key in targets:
                self._urls[key] = _url(deployment, key)
        return deployment

    def _verification(self) -> dict[str, Any] | None:
        verify = self.spec.rollout.verify
        if verify is None:
            return None
        found: dict[str, Any] = verify.model_dump(exclude={"auth"})
        if verify.auth is not None:
            found["credentials"] = self.secret(verify.auth.secret)
        return found

    def _site(self, slug: str) -> Site:
        nowhere = pulumi.Output.from_input("")
        urls = (self._urls.get(f"{slug}/{environment}", nowhere) for environment in ENVIRONMENTS)
        return Site(slug, self.site_id(slug), self.uuids[slug], *(SiteEnvironment(url) for url in urls))


def _url(deployment: Deployment, key: str) -> pulumi.Output[str]:
    return deployment.urls.apply(lambda urls: str((urls or {}).get(key) or ""))


def run() -> Estate:
    """Declare the estate of this project's file, as this stack's configuration says, and export its table of sites."""
    settings = StackSettings.read()
    spec = settings.load()
    table = sites_of(settings.sites_stack) if settings.sites_stack and "sites" not in settings.manage else None
    estate = Estate(spec.original.slug, spec, settings.manage, table, settings.secrets)
    pulumi.export("sites", {slug: site.row() for slug, site in estate.sites.items()})
    pulumi.export("urls", {slug: site.addresses() for slug, site in estate.sites.items()})
    pulumi.export("site_ids", estate.register)
    pulumi.export("unfinished", estate.unfinished)
    pulumi.export("durations", estate.durations)
    return estate
