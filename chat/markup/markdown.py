"""The Markdown of messages: a parser for the subset that a chat needs.

Bold, italic, strike, code, fenced code, quotes, lists and links; no raw HTML, images, headings,
tables, rules or indented code, which people type by accident more often than on purpose. Apart
from CommonMark it differs where a chat expects something else:

- a line break is a line break;
- a quote ends with its line, and does not swallow the answer that follows;
- emphasis works between CJK characters, which have no spaces around words;
- links are shown as they were written, so that a look-alike domain is not made to look alike.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from chat.markup.links import LinkFinder
from chat.markup.mentions import mention_rule
from chat.markup.sanitizing import URL_SCHEMES

#: Quotes and lists inside each other. The parser drops what is nested deeper, so deeper text is not parsed at all.
NESTING_MAX = 20

_RULES = (
    "fence",
    "blockquote",
    "list",
    "newline",
    "escape",
    "backticks",
    "strikethrough",
    "emphasis",
    "link",
    "linkify",
    "autolink",
)


class _ChatRenderer(RendererHTML):
    """Without line breaks between tags, which would show wherever a page keeps white space."""

    def renderToken(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        return super().renderToken(tokens, idx, options, env).strip("\n")

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        return super().fence(tokens, idx, options, env).rstrip("\n")

    def softbreak(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        return "<br>"

    hardbreak = softbreak


class _ChatInline(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        state = _ChatState(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


class _ChatState(StateInline):
    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:
        """Also open and close emphasis at punctuation that touches a CJK character, as in `**注意:**今天`."""
        scanned = super().scanDelims(start, canSplitWord)
        if not canSplitWord:  # `_` is part of words
            return scanned
        before = self.src[start - 1] if start else " "
        end = start + scanned.length
        after = self.src[end] if end < self.posMax else " "
        return Scanned(
            scanned.can_open or (_is_cjk(before) and not after.isspace()),
            scanned.can_close or (_is_cjk(after) and not before.isspace()),
            scanned.length,
        )


def _is_cjk(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


def _end_quote(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Block rule that only ever ends a quote, at the first line without its mark."""
    return silent


class _ChatMarkdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        scheme, colon, _ = url.partition(":")
        return bool(colon) and scheme.lower() in URL_SCHEMES

    def normalizeLinkText(self, link: str) -> str:
        return link


def make_parser() -> MarkdownIt:
    """A parser of messages. It is stateless between calls and may be shared by threads."""
    options = {"html": False, "breaks": True, "linkify": True, "maxNesting": NESTING_MAX}
    parser = _ChatMarkdown("zero", options, renderer_cls=_ChatRenderer)
    parser.linkify = LinkFinder()
    parser.inline = _ChatInline()
    parser.inline.ruler.enableOnly(["text"])
    parser.inline.ruler2.enableOnly(["balance_pairs", "fragments_join"])
    parser.enable(list(_RULES))
    parser.block.ruler.push("end_quote", _end_quote, {"alt": ["blockquote"]})
    parser.core.ruler.push("mention", mention_rule)
    return parser
