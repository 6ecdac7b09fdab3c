"""What is told of an application."""

from __future__ import annotations


def test_what_happens_to_an_application_is_told_newest_first(estate, divio):
    application = estate.original()
    divio.set_variable("acme-main", "live", "PASSWORD", "s3cret-value", sensitive=True)
    path = "/apps/v3/application-activities/"
    told = divio.all(f"{path}?application={application['uuid']}")
    assert "PASSWORD added on live" in told[0]["description"]
    assert told[-1]["description"] == "Application acme-main created"
    assert "s3cret-value" not in str(told)
    deployments = divio.all(f"{path}?organisation={estate.organisation}&type=deployment")
    assert len(deployments) == 2
    assert divio.get(f"{path}{told[0]['uuid']}/") == told[0]
    assert divio.all(f"{path}?application=nobody") == []
