"""What the control panel promises to the person before it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import PHONE, Page
from tests.local_divio import LocalDivio

OpenPage = Callable[..., Page]


def application(divio: LocalDivio, slug: str = "acme-main", **fields: Any) -> Any:
    body = {
        "name": slug.replace("-", " ").title(),
        "slug": slug,
        "organisation": divio.get("/iam/v3/organisations/")["results"][0]["uuid"],
        "plan_group": divio.get("/billing/v3/application-plan-groups/")["results"][0]["uuid"],
        "region": divio.get("/apps/v3/regions/")["results"][0]["uuid"],
    }
    return divio.post("/apps/v3/applications/", body | fields)


def estate(divio: LocalDivio, *mirrors: str) -> Any:
    """An original that is deployed, and mirrors that are not."""
    original = application(divio)
    for environment in ("test", "live"):
        divio.deploy("acme-main", environment)
    for slug in mirrors:
        divio.make_mirror("acme-main", slug, slug.replace("-", " ").title())
    return original


def words(page: Page, slug: str, environment: str) -> str:
    text = page.text(f'[data-slug="{slug}"] a[href="#/{slug}/{environment}"].cell')
    return " ".join(text.replace(":", " ").split())


def test_mirrors_are_listed_under_their_original(open_page: OpenPage) -> None:
    page = open_page()
    estate(page.divio, "acme-shop", "acme-blog")
    application(page.divio, "other")
    page.divio.set_variable("acme-shop", "test", "SITE_ID", "2")
    page.divio.set_variable("acme-shop", "live", "SITE_ID", "2")
    page.open()
    families = page.until(lambda: page.all("article.family"))
    assert page.text("main h2") == "Acme"
    assert len(families) == 2
    assert "acme-main" in families[0].text
    mirrors = [row.get_attribute("data-slug") for row in page.all(".mirrors .row")]
    assert mirrors == ["acme-shop", "acme-blog"]
    assert "SITE_ID 2" in page.text('[data-slug="acme-shop"]')
    assert "no SITE_ID" in page.text('[data-slug="acme-blog"]')
    assert words(page, "acme-main", "live").startswith("Live deployed")
    assert words(page, "acme-shop", "test") == "Test never deployed"


@pytest.mark.slow
def test_a_deployment_moves_without_a_reload(open_page: OpenPage) -> None:
    page = open_page()
    estate(page.divio, "acme-shop")
    page.divio.site("acme-shop", "live", deploy_seconds=3)
    page.open()
    page.one('[data-slug="acme-shop"]')
    page.run("window.unchanged = true")
    page.divio.start_deployment("acme-shop", "live")
    seen: list[float] = []
    stages: set[str] = set()
    bar = '[data-slug="acme-shop"] a.cell:last-child progress'
    page.until(lambda: page.run(f"return !document.querySelector('{bar}').hidden"))
    while page.run(f"return !document.querySelector('{bar}').hidden"):
        seen.append(page.run(f"return document.querySelector('{bar}').value"))
        stages.add(words(page, "acme-shop", "live").rpartition(" ")[0].rstrip("0123456789 %"))
        time.sleep(0.1)
    assert seen == sorted(seen)
    assert len(set(seen)) >= 4
    assert len(stages) >= 3
    page.until(lambda: words(page, "acme-shop", "live").startswith("Live deployed"))
    page.until(lambda: "acme-shop Live: deployed." in page.run("return document.getElementById('news').textContent"))
    assert page.run("return window.unchanged")


@pytest.mark.slow
def test_a_failed_and_a_behind_site_stand_out(open_page: OpenPage) -> None:
    page = open_page()
    estate(page.divio, "acme-shop", "acme-blog")
    page.divio.deploy("acme-shop", "live")
    page.divio.push("acme-main")
    page.divio.deploy("acme-main", "live")
    page.divio.site("acme-blog", "live", deployment="fail")
    page.divio.finished(page.divio.start_deployment("acme-blog", "live")["uuid"])
    page.open()
    assert words(page, "acme-shop", "live").startswith("Live behind")
    assert words(page, "acme-blog", "live").startswith("Live failed")
    page.one('#show option[value="failure"]').click()
    page.until(lambda: [row.get_attribute("data-slug") for row in page.all(".mirrors .row")] == ["acme-blog"])


@pytest.mark.slow
def test_secrets_are_in_nothing_that_the_page_gets(open_page: OpenPage) -> None:
    page = open_page()
    divio = page.divio
    original = estate(divio, "acme-shop")
    live = divio.environment("acme-main", "live")["uuid"]
    for service in divio.all(f"/apps/v3/services/?region={original['region']}"):
        body = {"environment": live, "region": original["region"], "service": service["uuid"], "prefix": "DEFAULT"}
        divio.post("/apps/v3/service-instances/", body)
    divio.set_variable("acme-main", "live", "API_KEY", "canary-sensitive-1", sensitive=True)
    divio.set_variable("acme-main", "live", "DATABASE_URL", "postgres://u:canary-password@db.example:5432/canary")
    divio.set_variable(
        "acme-main", "live", "CACHES", "redis://:canary-cache@one.example/0 plain s3://k:canary-s3@b.example"
    )
    divio.deploy("acme-main", "live")
    log = "canary-sensitive-1 postgres://u:canary-password@db.example refused, with canary-password"
    divio.site("acme-main", "live", deployment="fail", log=log)
    divio.finished(divio.start_deployment("acme-main", "live")["uuid"])
    page.open("acme-main/live")
    page.do("Add a variable", name="LATER", value="canary-sensitive-2", is_sensitive=True)
    page.do("Edit API_KEY", value="canary-sensitive-3")
    for summary in page.all(".deployment summary"):
        summary.click()
    page.until(lambda: page.all(".deployment pre")[0].text)
    assert "••••••" in page.all(".deployment pre")[0].text
    assert "db.example:5432" in page.text("#site")
    page.open("acme-main/test")
    page.note()
    world = divio.world()
    secrets = [row["dsn"] for row in world["service_instances"]]
    secrets += [
        row["dsn"].partition("://")[2].rpartition("@")[0].partition(":")[2] for row in world["service_instances"]
    ]
    secrets += [row["secret_key"] for row in world["environments"]]
    secrets += ["canary-sensitive", "canary-password", "canary-cache", "canary-s3", divio.token]
    assert divio.variables("acme-main", "live").keys() >= {"LATER", "API_KEY"}
    everything = page.driver.page_source + json.dumps(page.answers)
    assert "/_panel/applications/acme-main" in everything
    assert [secret for secret in secrets if secret in everything] == []


@pytest.mark.slow
def test_a_mirror_made_by_button_exists_through_the_api(open_page: OpenPage) -> None:
    page = open_page(mirrors="none")
    original = estate(page.divio)
    page.open("acme-main/live")
    page.do("Duplicate → Mirror", name="Acme Shop", slug="acme-shop", plan_group="Small")
    page.until(lambda: page.text("#site h2") == "Acme Shop")
    mirror = page.divio.application("acme-shop")
    assert mirror["mirror_of"] == original["uuid"]
    assert mirror["name"] == "Acme Shop"
    assert mirror["plan_group"] != original["plan_group"]
    page.one('.mirrors [data-slug="acme-shop"]')


@pytest.mark.slow
def test_what_divio_refuses_is_said_in_its_words(open_page: OpenPage) -> None:
    page = open_page()
    estate(page.divio, "acme-shop")
    page.open("acme-main/live")
    page.ask("Duplicate → Mirror", name="Shop", slug="acme-shop")
    page.submit()
    page.until(lambda: page.text("#field-slug-error") == "application with this slug already exists.")
    assert page.one("#field-slug").get_attribute("aria-invalid") == "true"
    assert page.driver.switch_to.active_element == page.one("#field-slug")
    page.button("Cancel").click()
    page.ask("Delete")
    page.submit()
    page.until(lambda: "delete them first" in page.text("dialog [role=alert]"))
    page.button("Cancel").click()
    assert page.divio.application("acme-main")


@pytest.mark.slow
def test_a_person_can_do_by_button_what_manual_mode_needs(open_page: OpenPage) -> None:
    page = open_page(mirrors="none", deploy_seconds=0.3)
    divio = page.divio
    estate(divio, "acme-shop")
    page.open("acme-shop/test")
    page.do("Add a variable", name="SITE_ID", value="2", is_sensitive=False)
    assert "not deployed yet" in page.text(".things")
    page.do("Deploy Test", build_mode="AUTO")
    page.until(lambda: page.divio.deployed("acme-shop", "test").get("SITE_ID") == "2")
    page.until(lambda: "not deployed yet" not in page.text(".things"))
    page.do("Edit SITE_ID", value="3")
    assert divio.variables("acme-shop", "test") == {"SITE_ID": "3"}
    page.do("Edit SITE_ID", is_sensitive=True)
    page.until(lambda: "sensitive" in page.text(".things"))
    page.do("Edit SITE_ID", is_sensitive=False)
    assert divio.variables("acme-shop", "test") == {"SITE_ID": "3"}, "a value that is not shown is kept"
    page.do("Remove SITE_ID")
    assert divio.variables("acme-shop", "test") == {}
    page.do("Attach a domain", domain="shop.acme.example", is_primary=True)
    page.until(lambda: "shop.acme.example" in page.text("#site"))
    assert divio.get("/apps/v3/domains/")["results"][0]["is_primary"]
    page.do("Remove shop.acme.example")
    assert divio.get("/apps/v3/domains/")["count"] == 0
    page.open("acme-main/test")
    page.do("Change the branch", branch="develop")
    assert divio.environment("acme-main", "test")["branch"] == "develop"
    page.open("acme-shop/live")
    page.do("Delete")
    page.until(lambda: not page.one("main").get_attribute("hidden") and not page.all('[data-slug="acme-shop"]'))
    assert divio.application("acme-shop") is None


@pytest.mark.slow
def test_a_log_grows_while_its_deployment_runs(open_page: OpenPage) -> None:
    page = open_page()
    estate(page.divio)
    page.divio.site("acme-main", "live", deploy_seconds=3)
    page.divio.start_deployment("acme-main", "live", "FORCE")
    page.open("acme-main/live")
    page.one(".deployment summary").click()
    first = page.until(lambda: page.text(".deployment pre"))
    page.until(lambda: len(page.text(".deployment pre")) > len(first))
    page.until(lambda: "Deployment successful" in page.text(".deployment pre"))
    assert page.one(".deployment").get_attribute("open"), "what was unfolded stays so"


@pytest.mark.slow
def test_nothing_has_to_be_scrolled_sideways_on_a_phone(open_page: OpenPage) -> None:
    page = open_page()
    long = "acme-" + "x" * 52
    estate(page.divio, "acme-shop", long)
    page.divio.set_variable(long, "live", "A_VERY_LONG_NAME_" * 8, "y" * 300)
    page.divio.deploy(long, "live")
    page.size(*PHONE)

    def fits() -> None:
        width, most = page.run("return [document.documentElement.scrollWidth, innerWidth]")
        assert (width, most) == (PHONE[0], PHONE[0])
        inside = page.run(
            "return [...document.querySelectorAll('body *')].every((e) => e.getBoundingClientRect().left >= -1)"
        )
        assert inside

    page.open()
    page.one(f'[data-slug="{long}"]')
    fits()
    page.open(f"{long}/live")
    assert page.one("#site .things").text != ""
    assert not page.all("main")[0].is_displayed()
    fits()
    page.one(".deployment summary").click()
    fits()
    page.ask("Attach a domain")
    fits()
    page.button("Cancel").click()
    page.one(".back").click()
    page.one("main .row")
    fits()


@pytest.mark.slow
def test_a_large_estate_is_folded_and_filtered(open_page: OpenPage) -> None:
    page = open_page()
    estate(page.divio, *(f"site-{number:03}" for number in range(120)))
    page.divio.set_variable("site-077", "live", "SITE_ID", "79")
    page.divio.set_variable("site-077", "test", "SITE_ID", "79")
    page.open()
    page.until(lambda: page.text("#summary") == "121 sites")
    assert "120 mirrors" in page.text("summary")
    assert not page.one(".family details").get_attribute("open")
    page.one("#filter").send_keys("site-11")
    page.until(lambda: [row.text for row in page.all(".mirrors .slug")] == [f"site-11{digit}" for digit in range(10)])
    page.one("#filter").send_keys(Keys.CONTROL, "a")
    page.one("#filter").send_keys("site_id 79")
    page.until(lambda: [row.text for row in page.all(".mirrors .slug")] == ["site-077"])
    page.one("#filter").send_keys("no such site")
    page.until(lambda: page.text("main") == "No site matches.")


@pytest.mark.slow
def test_the_keyboard_and_a_screen_reader_find_their_way(open_page: OpenPage) -> None:
    page = open_page()
    estate(page.divio, "acme-shop")
    page.open()
    page.one('[data-slug="acme-shop"] .name').send_keys(Keys.ENTER)
    page.until(lambda: page.driver.switch_to.active_element.text == "Acme Shop")
    button = page.button("Deploy Live")
    button.send_keys(Keys.ENTER)
    page.until(lambda: page.driver.switch_to.active_element == page.one("#field-build_mode"))
    page.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    page.until(lambda: page.driver.switch_to.active_element.accessible_name == "Deploy Live")
    page.button("Add a variable").send_keys(Keys.ENTER)
    page.one("#field-name").send_keys("THEME", Keys.ENTER)
    page.until(lambda: page.driver.switch_to.active_element.accessible_name == "Add a variable")
    page.button("Remove THEME").send_keys(Keys.ENTER)
    page.submit()
    page.until(lambda: page.driver.switch_to.active_element.text == "Acme Shop")
    for control in page.all("button, input, select, textarea, summary, progress, dialog[open]"):
        if control.is_displayed():
            assert control.accessible_name, control.get_attribute("outerHTML")
    assert page.one("html").get_attribute("lang") == "en"


@pytest.mark.slow
def test_watching_leaves_no_trace_and_needs_no_token(open_page: OpenPage) -> None:
    page = open_page(rate_limit="1000/s")
    estate(page.divio, "acme-shop")
    page.divio.faults([{"path": ".*", "status": 500}])
    page.divio.clear_calls()
    page.open("acme-shop/live")
    page.do("Add a variable", name="THEME", value="shop")
    page.until(lambda: "THEME" in page.text(".things"))
    assert page.divio.calls() == []
