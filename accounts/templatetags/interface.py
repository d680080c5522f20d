"""Template tags for the pieces that every page draws: icons and pictures of people."""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
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
