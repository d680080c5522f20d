"""Template tags for the pieces that every page draws: icons and pictures of people."""

from __future__ import annotations

import functools
import posixpath
import re
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.people import Picture

register = template.Library()

#: `import … from "./x.js"` and `export … from "./x.js"`, at the beginning of a line.
IMPORT = re.compile(r"""^(?:import|export)\b[^;'"()]*"(\.{1,2}/[^"]+)\"""", re.MULTILINE)


@register.simple_tag
@functools.cache
def icon(name: str, css: str = "i") -> SafeString:
    """A symbol of the sprite. Screen readers pass over it: the text beside it, or the label around it, says it."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', css, static("chat/icons.svg"), name
    )


@register.simple_tag
def preload_modules(entry: str) -> SafeString:
    """Links that load all that an ES module imports at once, and not one after another. Not what it loads later.

    Style sheets and the script that the first paint waits for overtake them: over HTTP/1.1 a browser has six
    connections, and these are many.
    """
    return format_html_join(
        "\n",
        '<link rel="modulepreload" href="{}" fetchpriority="low">',
        ((static(module),) for module in _imports(entry)),
    )


@functools.cache
def _imports(entry: str) -> list[str]:
    """The modules that this one needs, and those that they need."""
    found: set[str] = set()
    waiting = [entry]
    while waiting:
        module = waiting.pop()
        path = finders.find(module)
        assert path is not None, module
        for url in IMPORT.findall(Path(path).read_text()):
            needed = posixpath.normpath(posixpath.join(posixpath.dirname(module), url))
            if needed not in found:
                found.add(needed)
                waiting.append(needed)
    return sorted(found)


@register.simple_tag
def avatar(picture: Picture, css: str = "") -> SafeString:
    """A round or square picture. Screen readers pass over it: the name stands beside it."""
    classes = ["avatar", f"c{picture.colour}", *css.split()]
    if picture.square:
        classes.append("square")
    if picture.url:
        inner = format_html('<img src="{}" alt="" loading="lazy">', picture.url)
    elif picture.symbol:
        inner = icon(picture.symbol)
    else:
        inner = format_html("{}", picture.initials)
        if picture.is_wide:
            classes.append("wide")
    return format_html('<span class="{}" data-slot="avatar" aria-hidden="true">{}</span>', " ".join(classes), inner)
