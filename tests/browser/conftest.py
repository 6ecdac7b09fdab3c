"""The control panel in a real browser: headless Chromium, driven over WebDriver."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.conftest import StartDivio
from tests.local_divio import LocalDivio

FLAGS = (
    "--headless",
    # Tests also run as root in a container, where Chromium has no sandbox of its own.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
)
WIDE = (1280, 860)
PHONE = (360, 740)


class Page:
    """The panel of one local Divio, as a person has it before them."""

    def __init__(self, driver: webdriver.Chrome, divio: LocalDivio) -> None:
        self.driver = driver
        self.divio = divio
        self.answers: dict[str, str] = {}
        """What the page has fetched: address -> all bodies that came from there."""
        self.size(*WIDE)

    def size(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def open(self, route: str = "") -> None:
        """Loads the page, or moves on it to a site: `acme-main/live`."""
        self.driver.get(f"{self.divio.url}/#/{route}")
        self.until(lambda: self.all("main .row, main section"))

    def all(self, css: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def one(self, css: str) -> WebElement:
        """The element, as soon as it is there and can be seen."""
        found: WebElement = self.until(lambda: next((one for one in self.all(css) if one.is_displayed()), None))
        return found

    def text(self, css: str) -> str:
        return self.one(css).text

    def button(self, text: str) -> WebElement:
        """The button with this text or accessible name, in the dialog when one is open."""
        around = "dialog[open] " if self.all("dialog[open]") else ""
        found: WebElement = self.until(
            lambda: next(
                (
                    one
                    for one in self.all(f"{around}button")
                    if one.is_displayed() and text in (one.text, one.accessible_name)
                ),
                None,
            )
        )
        return found

    def ask(self, button: str, **values: str | bool) -> None:
        """Presses a button and fills in its dialog."""
        self.button(button).click()
        self.one("dialog[open]")
        for name, value in values.items():
            field = self.one(f"#field-{name}")
            if isinstance(value, bool):
                if field.is_selected() != value:
                    field.click()
                continue
            if field.tag_name == "select":
                field.find_element(By.CSS_SELECTOR, f'option[value="{value}"]').click()
                continue
            field.clear()
            field.send_keys(value)

    def submit(self) -> None:
        self.one("dialog[open] [type=submit]").click()

    def do(self, button: str, **values: str | bool) -> None:
        """Presses a button, fills in its dialog and sends it off."""
        self.ask(button, **values)
        self.submit()
        self.until(lambda: not self.all("dialog[open]"))

    def until(self, condition: Callable[[], Any], within: float = 20) -> Any:
        """Waits until something is so, and gives it."""
        ignored = (StaleElementReferenceException, AssertionError)
        return WebDriverWait(self.driver, within, 0.05, ignored_exceptions=ignored).until(lambda _: condition())

    def run(self, script: str) -> Any:
        return self.driver.execute_script(script)

    def note(self) -> None:
        """Takes over what went over the wire since the last time."""
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.answers.setdefault(message["params"]["request"]["url"], "")
            if message["method"] == "Network.responseReceived":
                url = message["params"]["response"]["url"]
                try:
                    body = self.driver.execute_cdp_cmd(
                        "Network.getResponseBody", {"requestId": message["params"]["requestId"]}
                    )["body"]
                except WebDriverException:
                    continue  # gone with the page before
                self.answers[url] = self.answers.get(url, "") + body

    def check(self) -> None:
        """Nothing left this host, and the console is empty."""
        self.note()
        hosts = {urlsplit(url).netloc for url in self.answers if urlsplit(url).scheme not in ("data", "blob")}
        assert hosts <= {urlsplit(self.divio.url).netloc}
        assert self.driver.get_log("browser") == []


def _program(*names: str) -> str | None:
    return next((path for name in names if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    chromium = _program("chromium", "chromium-browser", "google-chrome")
    chromedriver = _program("chromedriver")
    if not chromium or not chromedriver:
        missing = " and ".join(
            name for name, path in (("chromium", chromium), ("chromedriver", chromedriver)) if not path
        )
        pytest.skip(
            f"THE CONTROL PANEL IS NOT TESTED: there is no {missing} on PATH "
            "(Debian: apt-get install chromium chromium-driver)"
        )
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    profile: Path = tmp_path_factory.mktemp("profile")
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with webdriver.Chrome(options, Service(chromedriver)) as driver:
        yield driver


@pytest.fixture
def open_page(driver: webdriver.Chrome, start_divio: StartDivio) -> Iterator[Callable[..., Page]]:
    """Starts a local Divio with the flags asked for, and gives its page, not yet opened. Every page is checked in the end."""
    pages: list[Page] = []
    driver.get("about:blank")
    driver.get_log("browser")
    driver.get_log("performance")

    def opened(**flags: object) -> Page:
        page = Page(driver, start_divio(**{"deploy_seconds": 0, **flags}))
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.check()
    # Else the page goes on asking a Divio that is no more, and its complaints land in the next test.
    driver.get("about:blank")
