"""Template tags for the pieces that every page draws: icons and pictures of people."""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.people import Person

register = template.Library()


@register.simple_tag
def icon(name: str, css: str = "i") -> SafeString:
    """A symbol of the sprite, hidden from screen readers: the text beside it, or the label around it, says what it means."""
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', css, static("chat/icons.svg"), name)


@register.simple_tag
def avatar(person: Person, css: str = "") -> SafeString:
    """The picture of `person`, or the initials. Hidden from screen readers: the name stands beside it."""
    classes = f"avatar c{person.colour} {css}".rstrip()
    if person.avatar:
        return format_html('<span class="{}" aria-hidden="true"><img src="{}" alt="" loading="lazy"></span>', classes, person.avatar)
    initials = person.initials
    if len(initials) > 1 and not initials.isascii():
        classes += " wide"
    return format_html('<span class="{}" aria-hidden="true">{}</span>', classes, initials)
