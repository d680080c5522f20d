"""Template tags for the pieces that every page draws: icons and pictures of people."""

from __future__ import annotations

import functools
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.people import Picture

register = template.Library()


@register.simple_tag
def icon(name: str, css: str = "i") -> SafeString:
    """A symbol of the sprite. Screen readers pass over it: the text beside it, or the label around it, says it."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', css, static("chat/icons.svg"), name
    )


@register.simple_tag
def preload_modules(*folders: str) -> SafeString:
    """Links that load the ES modules of these folders at once, and not one import after another."""
    modules = (module for folder in folders for module in _modules(folder))
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', ((static(module),) for module in modules))


@functools.cache
def _modules(folder: str) -> list[str]:
    root = finders.find(folder)
    assert root is not None, folder
    return sorted(f"{folder}/{path.name}" for path in Path(root).glob("*.js"))


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
