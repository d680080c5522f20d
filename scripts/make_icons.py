"""Draws the icons of the installed app from the mark: `.venv/bin/python scripts/make_icons.py` (needs Chromium).

`any` stands on whatever is behind it; `maskable` fills its square, for launchers cut their own shape out of it and
leave a circle of 80 % of the width at least (https://www.w3.org/TR/appmanifest/#icon-masks).
"""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

STATIC = Path(__file__).resolve().parents[1] / "chat/static/chat"
SIZES = (192, 512)
GREEN = "#0b6b53"


def main() -> None:
    mark = (STATIC / "mark.svg").read_text()
    drawings = {
        "any": (mark, "transparent", 92),
        "maskable": (mark.replace(GREEN, "#ffffff"), GREEN, 60),
    }
    browser_path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        for purpose, (drawing, background, percent) in drawings.items():
            for size in SIZES:
                page = browser.new_page(viewport={"width": size, "height": size})
                page.set_content(
                    f"<style>body{{margin:0;height:100vh;display:grid;place-items:center;background:{background}}}"
                    f"svg{{width:{percent}vw}}</style>{drawing}"
                )
                page.screenshot(path=STATIC / f"icons/{purpose}-{size}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
