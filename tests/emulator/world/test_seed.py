"""What a new world holds."""

from __future__ import annotations


def test_a_new_world_has_what_the_readme_promises(estate, divio):
    assert divio.get("/iam/v3/organisations/")["results"][0]["name"] == "Acme"
    assert set(estate.plans) == {"Standard", "Small"}
    assert set(estate.regions) == {"Frankfurt", "Ireland"}
    for region in estate.regions.values():
        offered = divio.all(f"/apps/v3/services/?region={region}&")
        assert {(row["identifier"], row["type"]) for row in offered} == {("postgres", "DATABASE"), ("s3", "STORAGE")}
    for plan in estate.plans.values():
        regions = divio.get(f"/billing/v3/application-plan-groups/{plan}/")["regions"]
        assert set(regions) == set(estate.regions.values())
    template = divio.get("/apps/v3/app-templates/")["results"][0]
    assert divio.get(f"/apps/v3/app-templates/{template['uuid']}/")["release_commands"]
