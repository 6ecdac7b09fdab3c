"""What a `Deployment` keeps of the run before: above all, since when the original's Live has its release."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from divio_provider.api.client import Divio
from divio_provider.api.settings import Settings
from divio_provider.resources.deployment.outcome import Outcome
from divio_provider.resources.deployment.release_gate import ReleaseGate
from divio_provider.resources.deployment.state import PreviousState
from divio_provider.resources.deployment.targets import Target
from divio_provider.resources.reader import original_deployment

BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
AFTER = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(("image_of", "arrived"), [("d1", BEFORE), ("d2", AFTER)])
def test_an_image_that_arrived_by_a_deployment_that_no_state_knows_is_a_release(
    monkeypatch: pytest.MonkeyPatch, image_of: str, arrived: datetime
):
    """The run that brought it may have been interrupted, or failed by what it carried; the next one takes the image."""
    monkeypatch.setattr(original_deployment, "released_at", lambda *_: AFTER)
    target = Target(site="acme-main", environment="live", application="a")
    olds = {"deployed": {target.key: "d1"}, "original_released_at": BEFORE.isoformat()}
    outcome = Outcome(deployed={target.key: "d3"}, adopted_image={target.key: image_of})
    divio = Divio(Settings(token="t", api_url="http://127.0.0.1:1"))
    news = {"kind": "original"}
    found = PreviousState(olds).outputs(divio, {target.key: target}, outcome, ReleaseGate(divio, olds, news))
    assert found["original_released_at"] == arrived.isoformat()
