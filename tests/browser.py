"""A page in Chromium: what it says, what it draws, and where it is too wide."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TOO_WIDE = """[...document.querySelectorAll('body *')].filter(e =>
  e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.wide') && !e.closest('svg'))
  .map(e => e.tagName + '.' + e.className)"""


def chromium() -> str:
    """Path of the browser; the test is skipped where there is none, or no playwright."""
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    return found


@contextmanager
def opened(width: int = 1200, height: int = 900) -> Iterator[tuple[Any, list[str]]]:
    """(page, complaints of its console and its scripts)."""
    path = chromium()
    from playwright.sync_api import sync_playwright

    said: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            page = browser.new_page(viewport={"width": width, "height": height})
            page.on(
                "console",
                lambda item: said.append(item.text) if item.type in ("error", "warning") else None,
            )
            page.on("pageerror", lambda error: said.append(str(error)))
            page.on(
                "request",
                lambda item: (
                    None
                    if item.url.startswith(("file:", "data:", "blob:", "http://127.0.0.1"))
                    else said.append(f"asked for {item.url}")
                ),
            )
            yield page, said
        finally:
            browser.close()


def line(page: Any, place: str, series: str) -> str:
    """Points of a drawn line."""
    found = page.locator(f"[data-live={place}] [data-series='{series}']").get_attribute("points")
    assert found
    return str(found)
