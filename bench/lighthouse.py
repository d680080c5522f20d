"""What Lighthouse says of a conversation's page, as in production: performance and accessibility (UX §8.1, §11: E29).

    python -m bench.lighthouse            needs node, npm and Chromium; npx fetches Lighthouse itself

The page is the fullest of those that tests/browser looks at, in a browser that is signed in. Three times each: as on a
desk, and as on a slow phone (Lighthouse's own figures of both); the middle one by its score counts. Judge it on a
machine that does nothing else: the scores are made of times.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from playwright.async_api import async_playwright  # noqa: E402

from tests.browser.scene import Scene, open_scene  # noqa: E402
from tests.conftest import find_chromium  # noqa: E402
from tests.support.engines import Engines, free_port  # noqa: E402
from tests.support.town import TownTemplate  # noqa: E402

LIGHTHOUSE = "lighthouse@13"
KINDS = {"desk": ["--preset=desktop"], "phone": []}
RUNS = 3
FIGURES = ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift")


@asynccontextmanager
async def signed_in_browser(scene: Scene, directory: Path) -> AsyncIterator[int]:
    """The port of a browser's debugger. Cookies are in it, for headers alone would leave the socket signed out."""
    port = free_port()
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            str(directory),
            executable_path=find_chromium(),
            # Root, as in containers, has no sandbox.
            args=["--no-sandbox", f"--remote-debugging-port={port}"],
        )
        cookies = scene.cookies["alice"].items()
        await context.add_cookies([{"name": name, "value": value, "url": scene.server.url} for name, value in cookies])
        yield port
        await context.close()


def ask(kind: str, scene: Scene, port: int, report: Path) -> dict[str, Any]:
    """Lighthouse's report."""
    address = f"{scene.server.url}/c/{scene.ids['group']}/"
    subprocess.run(
        [
            "npx", "--yes", LIGHTHOUSE, address, *KINDS[kind], "--only-categories=performance,accessibility",
            f"--port={port}", "--quiet", "--output=json", f"--output-path={report}",
        ],
        check=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(report.read_text())
    return answer


def score(report: dict[str, Any], category: str) -> int:
    return round(report["categories"][category]["score"] * 100)


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix="im-lighthouse-") as scratch:
        directory = Path(scratch)
        with TownTemplate(Engines(None, None), directory / "template").copy(directory / "town") as town:
            town.site.environment |= {
                "DEBUG": "off", "HTTPS": "off", "SECRET_KEY": secrets.token_urlsafe(50), "ALLOWED_HOSTS": "127.0.0.1",
            }  # fmt: skip
            town.site.manage("collectstatic", "--noinput", "--verbosity=0")
            async with open_scene(town, town.site.server()) as scene:
                for kind in KINDS:
                    reports = []
                    for run in range(RUNS):
                        async with signed_in_browser(scene, directory / f"{kind}-{run}") as port:
                            path = directory / f"{kind}-{run}.json"
                            reports.append(await asyncio.to_thread(ask, kind, scene, port, path))
                    reports.sort(key=lambda report: score(report, "performance"))
                    report = reports[RUNS // 2]
                    scores = [score(each, "performance") for each in reports]
                    figures = {name: report["audits"][name]["displayValue"] for name in FIGURES}
                    print(f"{kind}: performance {scores}, accessibility {score(report, 'accessibility')}, {figures}")


if __name__ == "__main__":
    asyncio.run(main())
