"""What Lighthouse says of a conversation's page, as in production: performance and accessibility (UX §8.1, §11: E29).

    python -m bench.lighthouse            needs node, npm and Chromium; npx fetches Lighthouse itself

The page is the fullest of those that tests/browser looks at. Twice: as on a desk, and as on a slow phone (Lighthouse's
own figures of both). Judge it on a machine that does nothing else: the scores are made of times.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from tests.browser.scene import Scene, open_scene  # noqa: E402
from tests.conftest import find_chromium  # noqa: E402
from tests.support.engines import Engines  # noqa: E402
from tests.support.town import TownTemplate  # noqa: E402

LIGHTHOUSE = "lighthouse@13"
KINDS = {"desk": ["--preset=desktop"], "phone": []}
FIGURES = ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift")


def ask(kind: str, scene: Scene, directory: Path) -> dict[str, Any]:
    """Lighthouse's report."""
    cookies = "; ".join(f"{name}={value}" for name, value in scene.cookies["alice"].items())
    headers, report = directory / "headers.json", directory / f"{kind}.json"
    headers.write_text(json.dumps({"Cookie": cookies}))
    address = f"{scene.server.url}/c/{scene.ids['group']}/"
    subprocess.run(
        [
            "npx", "--yes", LIGHTHOUSE, address, *KINDS[kind], "--only-categories=performance,accessibility",
            f"--extra-headers={headers}", "--chrome-flags=--headless --no-sandbox", "--quiet",
            "--output=json", f"--output-path={report}",
        ],
        env=os.environ | {"CHROME_PATH": find_chromium() or "chromium"},
        check=True,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(report.read_text())
    return answer


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
                    report = await asyncio.to_thread(ask, kind, scene, directory)
                    scores = {name: round(each["score"] * 100) for name, each in report["categories"].items()}
                    figures = {name: report["audits"][name]["displayValue"] for name in FIGURES}
                    print(kind, scores, figures)


if __name__ == "__main__":
    asyncio.run(main())
