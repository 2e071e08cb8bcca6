"""`advisor serve` in a headless browser."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.tui import browser

pytestmark = pytest.mark.skipif(browser.executable() is None, reason="there is no Chromium here")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    """The chat as it is served."""
    port = free_port()
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "advisor", "serve", "--port", str(port), "--data-dir", str(tmp_path / "data")),
        env={**os.environ, "ADVISOR_CONFIG_DIR": str(tmp_path / "config")},
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            try:
                _, writer = await asyncio.open_connection("localhost", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                break
        yield f"http://localhost:{port}/"
    finally:
        server.terminate()
        await server.wait()


def wording(page: browser.Page, text: str) -> bool:
    """Whether words were painted: control sequences may stand between any two."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", " ", "".join(page.received))
    return " ".join(text.split()) in " ".join(plain.split())


async def test_a_conversation_and_a_download_in_the_browser(address: str, tmp_path: Path) -> None:
    async with browser.opened(tmp_path / "profile") as page:
        await page.do("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
        await page.do("Page.navigate", url=address)
        await page.wait_for(lambda: wording(page, "Which framework should you build on?"))
        await page.wait_for(lambda: wording(page, "Ready"))
        await page.click(200, 598)
        await page.do("Input.insertText", text="Three of us write Python, and we are on AWS.")
        await page.wait_for(lambda: wording(page, "and we are on AWS."))
        await page.key("Enter", 13, "\r")
        await page.wait_for(lambda: wording(page, "Understood"))
        await page.key("F4", 115)
        await page.wait_for(lambda: wording(page, "Export the decision record"))
        await page.wait_for(lambda: wording(page, "Status:"))
        await page.screenshot(tmp_path / "served.png")
        await page.key("Enter", 13, "\r")
        await page.wait_for(lambda: wording(page, "on its way through your browser"))
        await page.wait_for(lambda: any(tmp_path.glob("advisor-*.md")))
        (written,) = tmp_path.glob("advisor-*.md")
        await page.wait_for(lambda: "Three of us write Python" in written.read_text("utf-8"))
    assert (tmp_path / "served.png").stat().st_size > 5_000
