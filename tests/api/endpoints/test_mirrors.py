"""What Divio shows of a mirror's original."""

from __future__ import annotations

import pytest

from divio_provider.api import Divio
from divio_provider.api.endpoints.mirrors import UNKNOWN
from divio_provider.api.errors import NotAMirror
from divio_provider.api.models import Application


@pytest.mark.parametrize(
    ("shown", "relation"),
    [
        ({"mirror_of": "o"}, "o"),
        ({"mirror_of": {"uuid": "o", "slug": "x"}}, "o"),
        ({"mirror": None, "source_application": "o"}, "o"),
        ({"mirror_of": None}, None),
        ({"mirror_of": ""}, None),
        ({"mirror": True}, UNKNOWN),
        ({"copy_of": "o"}, UNKNOWN),
        ({}, UNKNOWN),
    ],
)
def test_no_relation_is_told_from_no_such_field(divio: Divio, shown: dict[str, object], relation: object) -> None:
    application = Application.model_validate({"uuid": "m", "slug": "acme-blog", **shown})
    assert divio.mirrors.relation(application) == relation
    original = Application(uuid="o", slug="acme-main")
    if relation == "o":
        divio.mirrors.verify(application, original)
    else:
        with pytest.raises(NotAMirror, match=r"acme-blog \(uuid m\)"):
            divio.mirrors.verify(application, original)
