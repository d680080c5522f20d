"""Static files under names that hold a hash of their content, so that browsers may keep them for ever.

Our ES modules need no bundler: they import each other by these names, and come without the comments that explain
them to us, which are four tenths of what a browser would load. The style sheets that a page cannot be painted without
come as one.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile, File
from whitenoise.storage import CompressedManifestStaticFilesStorage

MODULES = "chat/js/*.js"
STYLES = "chat/css/*.css"

#: `import … from "./x.js"`, `import "./x.js"` and `export … from "./x.js"` at the beginning of a line. Django's own
#: pattern also takes the `import("./x.js")` of type comments, which go round in circles and would never end.
STATIC_IMPORT = (
    r"""(?m)^(?P<matched>(?P<what>(?:import|export)\b[^;'"()]*)["'](?P<url>\.{1,2}/[^'"]+)["'])""",
    """%(what)s"%(url)s\"""",
)
#: `await import("./x.js")`: what is loaded on first use.
DYNAMIC_IMPORT = (
    r"""(?P<matched>\bawait\s+import\(["'](?P<url>\.{1,2}/[^'"]+)["']\))""",
    """await import("%(url)s")""",
)
#: Comments on lines of their own, `/** … */` and `// …`. What stands beside code stays: to find that, one would have to
#: parse JavaScript.
COMMENT_LINES = re.compile(r"^[ \t]*(?:/\*\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL)

#: A style sheet that another one begins with.
STYLE_IMPORT = re.compile(r"""^@import "(?P<url>[\w.-]+)";$""", re.MULTILINE)


def without_comments(source: str) -> str:
    """A module of ours as browsers get it."""
    return COMMENT_LINES.sub("", source)


def with_its_imports(name: str, sheet: str) -> str:
    """A style sheet of ours with those that it imports in their places: one answer, and none that it asks for."""

    def imported(found: re.Match[str]) -> str:
        path = finders.find(posixpath.join(posixpath.dirname(name), found["url"]))
        assert path is not None, f"{name} imports {found['url']}"
        return Path(path).read_text()

    return STYLE_IMPORT.sub(imported, sheet)


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites what our ES modules import from each other: there is no bundler that would."""

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        (MODULES, (STATIC_IMPORT, DYNAMIC_IMPORT)),
    )
    # One pass more than the longest chain of imports; more than any that a person could follow.
    max_post_process_passes = 20

    def _save(self, name: str, content: File[Any]) -> str:
        if fnmatch(name, MODULES):
            content = self._rewritten(content, without_comments)
        elif fnmatch(name, STYLES):
            content = self._rewritten(content, partial(with_its_imports, name))
        saved: str = super()._save(name, content)
        return saved

    @staticmethod
    def _rewritten(content: File[Any], rewrite: Callable[[str], str]) -> File[Any]:
        content.seek(0)
        return ContentFile(rewrite(content.read().decode()).encode())
