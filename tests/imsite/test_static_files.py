"""Outside development every static file has a hashed name, and modules import each other by these names."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "chat/static/chat/js"
IMPORT = re.compile(
    r"""(?:^|\n)(?:import|export)\b[^;'"()]*["'](\.{1,2}/[^'"]+)["']|await\s+import\(["']([^'"]+)["']\)"""
)


def imports_of(path: Path) -> list[Path]:
    found = IMPORT.findall(path.read_text())
    return [(path.parent / (static or dynamic)).resolve() for static, dynamic in found]


def test_hashed_modules__import_hashed_modules(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DEBUG": "off", "SECRET_KEY": "0123456789" * 5, "VAR_DIR": str(tmp_path)},
        check=True,
    )
    collected = tmp_path / "static/chat/js"
    assert "/**\n" in (SOURCES / "main.js").read_text()
    assert "/**\n" not in (collected / "main.js").read_text()
    sources = list(SOURCES.rglob("*.js"))
    assert sum(len(imports_of(source)) for source in sources) > 0
    for source in sources:
        directory = collected / source.parent.relative_to(SOURCES)
        hashed = max(directory.glob(f"{source.stem}.????????????.js"), key=lambda path: path.stat().st_mtime_ns)
        targets = imports_of(hashed)
        assert len(targets) == len(imports_of(source))
        for target in targets:
            assert target.exists(), f"{hashed.name} imports {target}"
            assert re.search(r"\.[0-9a-f]{12}\.js$", target.name), (
                f"{hashed.name} imports {target.name}, which may change"
            )
    # The style sheets that every page of the chat waits for are one.
    sheet = (tmp_path / "static/chat/css/chat.css").read_text()
    assert "@import" not in sheet
    assert sheet.index("@layer tokens, base") < sheet.index(".bubble {") < sheet.index(".row.mentioned .bubble {")
