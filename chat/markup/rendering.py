"""Message text to safe HTML."""

from __future__ import annotations

import html
import re
from functools import lru_cache

from markdown_it.token import Token

from chat.markup.markdown import NESTING_MAX, make_parser
from chat.markup.mentions import PATTERN, mention_pattern
from chat.markup.sanitizing import sanitize

#: Longer text is shown as it is. Above the limit of messages: this only bounds the work for whoever has no limit.
MARKDOWN_CHARS_MAX = 20_000

#: What costs the parser and the reader most. Text with more links or marks is a dump, and is shown as it is.
LINKS_MAX = 200
MARKS_MAX = 3_000
_MARKS = "[*_`~<"

#: Most text is rendered once, when it is pushed; what is cached serves the pages people open again and again.
_CACHE_SIZE = 512
_CACHED_CHARS = 4_000

#: Anything that the parser might take for markup or a link.
_MARKUP = re.compile(
    r"[*_`\[\\<]|~~|://|[a-z0-9]\.[a-z]|@[a-z0-9]|^[^\S\n]*+(?:>|[-+](?:\s|$)|[0-9]{1,9}[.)](?:\s|$))",
    re.IGNORECASE | re.MULTILINE,
)

_TAG = re.compile(r"<[^>]*>")
_BLANK_LINE = re.compile(r"\n[ \t]*+\n")
_LINE_END = re.compile(r" *\n[ \t]*")

_BREAKS = frozenset({"softbreak", "hardbreak"})

_parser = make_parser()


def render(content: str, mentions: tuple[str, ...] = ()) -> str:
    """`content` as sanitised HTML. The usernames in `mentions` stand out where they are written as `@username`.

    Linear in the length of `content`, whatever it is. Nothing that was written is lost: text that
    is markup only, or nested too deeply, is shown as it is.
    """
    if "\r" in content:
        content = content.replace("\r\n", "\n").replace("\r", "\n")
    is_plain = _MARKUP.search(content) is None and not (mentions and "@" in content)
    if is_plain or _is_dump(content):
        return _render_plain(content)
    if len(content) > _CACHED_CHARS:
        return _render_markdown(content, mentions)
    return _render_cached(content, mentions)


def parse_text(content: str) -> str:
    """What people read in `content`: its text without the markup. Not HTML: escape it before it goes into a page."""
    if _MARKUP.search(content) is None or _is_dump(content):
        return content
    parts: list[str] = []
    for token in _parser.parse(content):
        if token.type == "inline":
            parts += [" " if child.type in _BREAKS else child.content for child in token.children or ()]
            parts.append(" ")
        else:
            parts.append(token.content)
    text = "".join(parts)
    return text if text.strip() else content


def _is_dump(content: str) -> bool:
    """Whether to parse `content` would cost more than a message may."""
    size = len(content)
    return (
        size > MARKDOWN_CHARS_MAX
        or content.count("://") > LINKS_MAX
        or (size > MARKS_MAX and sum(map(content.count, _MARKS)) > MARKS_MAX)
    )


def _render_plain(content: str) -> str:
    """Paragraphs and lines only, in the form the parser would give them."""
    text = html.escape(content.strip(), quote=False)
    if "\n" not in text:
        return f"<p>{text}</p>" if text else ""
    paragraphs = filter(None, map(str.strip, _BLANK_LINE.split(text)))
    return "".join(f"<p>{_LINE_END.sub('<br>', paragraph)}</p>" for paragraph in paragraphs)


def _render_markdown(content: str, mentions: tuple[str, ...]) -> str:
    env = {PATTERN: mention_pattern(mentions)}
    tokens = _parser.parse(content, env)
    if any(token.level >= NESTING_MAX - 1 for token in tokens) or _count_links(tokens) > LINKS_MAX:
        return _render_plain(content)
    rendered = sanitize(_parser.renderer.render(tokens, _parser.options, env))
    return rendered if _TAG.sub("", rendered).strip() else _render_plain(content)


def _count_links(tokens: list[Token]) -> int:
    return sum(child.type == "link_open" for token in tokens for child in token.children or ())


_render_cached = lru_cache(maxsize=_CACHE_SIZE)(_render_markdown)
