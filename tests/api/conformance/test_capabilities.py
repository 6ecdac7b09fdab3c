"""Which shapes of mirrors and domains the live schema is taken to have."""

from __future__ import annotations

import pytest

from divio_provider.api import Divio
from divio_provider.api.conformance.capabilities import domains_choice, mirrors_choice
from divio_provider.api.conformance.openapi import OpenApi
from divio_provider.api.conformance.results import Verdict
from divio_provider.api.contract.mirrors import ByField
from divio_provider.api.contract.types import Manual
from divio_provider.api.errors import Misconfigured
from tests.api.conftest import Reply, Server


def test_an_unreadable_schema_means_a_person(divio: Divio, server: Server) -> None:
    server.script(Reply(404, {"detail": "Not found."}))
    assert isinstance(divio.capabilities.mirrors("auto"), Manual)
    assert divio.capabilities.mirrors("field:x") == ByField("x")


def test_a_configured_shape_that_the_schema_does_not_show_is_told():
    described = OpenApi({"paths": {"/apps/v3/deployments/": {"post": {}}}})
    assert mirrors_choice("field:mirror_of", described).verdict is Verdict.MISSING
    assert mirrors_choice("auto", described).chosen == "manual"
    assert mirrors_choice("auto", None).chosen == ""
    assert domains_choice("api", described).verdict is Verdict.MISSING
    with pytest.raises(Misconfigured, match="domains cannot be set to"):
        domains_choice("perhaps", described)
