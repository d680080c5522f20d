"""The last gate: whatever the Markdown parser made, only this leaves the server.

The parser escapes all HTML of the writer's already. That this gate lets through only what is listed
here is therefore a second, independent promise: a fault in one of them is not yet a hole.
"""

from __future__ import annotations

import re

import nh3

TAGS = frozenset({"a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "s", "span", "strong", "ul"})
URL_SCHEMES = frozenset({"http", "https", "mailto"})
MENTION_CLASS = "mention"

#: The language of a code block. Nothing else may choose a class: classes are how our own pages are styled and scripted.
_LANGUAGE_CLASS = re.compile(r"language-[A-Za-z0-9+#.-]{1,32}")
_LIST_START = re.compile(r"[0-9]{1,9}")


def _filter_attribute(tag: str, attribute: str, value: str) -> str | None:
    if tag == "code" and attribute == "class":
        return value if _LANGUAGE_CLASS.fullmatch(value) else None
    if tag == "ol" and attribute == "start":
        return value if _LIST_START.fullmatch(value) else None
    return value


_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    # Without the first entry `title` and `lang` would be allowed everywhere.
    attributes={"*": set(), "a": {"href"}, "code": {"class"}, "ol": {"start"}},
    attribute_filter=_filter_attribute,
    allowed_classes={"span": {MENTION_CLASS}},
    url_schemes=set(URL_SCHEMES),
    url_relative="deny",  # a message must not point into our own pages, let alone with a form's URL
    link_rel="noopener noreferrer nofollow",
    # Long lines of code scroll inside their block, which the keyboard must be able to reach (WCAG 2.1.1).
    set_tag_attribute_values={"a": {"target": "_blank"}, "pre": {"tabindex": "0"}},
)


def sanitize(html: str) -> str:
    """`html` without anything that is not listed above."""
    return _CLEANER.clean(html)
