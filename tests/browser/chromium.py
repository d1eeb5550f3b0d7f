"""A browser for tests: Debian's Chromium without a window, which fetches nothing by itself and keeps nothing."""

from __future__ import annotations

import json
import os
import shutil
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAMS = (shutil.which("chromium"), shutil.which("chromedriver"))
ABSENT = "there is no Chromium here to look at the page with: apt-get install chromium chromium-driver"

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


class Browser:
    """One tab. What the page logs and what it asks the network for is gathered until somebody asks."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, page: Path, width: int = 1280, scheme: str = "light", medium: str = "") -> None:
        """Show a file, on a screen or as on paper (`print`)."""
        self.log("browser"), self.log("performance")
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": medium, "features": features})
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.get(page.as_uri())

    def run(self, script: str) -> Any:
        """What a function body in JavaScript returns; the page's own policy doesn't hold for it."""
        return self.driver.execute_script(script)

    def log(self, kind: str) -> list[dict[str, Any]]:
        """What was logged since somebody asked last."""
        return list(self.driver.get_log(kind))

    def troubles(self) -> list[str]:
        """Errors and violations that the page caused since it was opened."""
        return [entry["message"] for entry in self.log("browser")]

    def requested(self) -> list[str]:
        """The addresses that the page asked for since it was opened."""
        messages = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        sent = (message["params"] for message in messages if message["method"] == "Network.requestWillBeSent")
        return [each["request"]["url"] for each in sent]

    def printed(self) -> bytes:
        """The page as PDF."""
        options = {"printBackground": True, "preferCSSPageSize": True}
        return b64decode(self.driver.execute_cdp_cmd("Page.printToPDF", options)["data"])


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A browser with a new profile in a folder, gone when it is left."""
    os.environ.update(SE_OFFLINE="true", SE_AVOID_STATS="true")  # Selenium shall look for no driver and tell nobody
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    program, driver_program = PROGRAMS
    assert program is not None
    assert driver_program is not None
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(driver_program))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
