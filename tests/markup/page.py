"""HTML as a browser's parser sees it, checked against what messages may hold."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

TAGS = {"a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "s", "span", "strong", "ul"}


class Page(HTMLParser):
    """Parses `html`; `faults` says what must not be there. Written apart from the sanitiser's own lists."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        if self._open:
            self.faults.append(f"not closed: {self._open}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in TAGS:
            self.faults.append(f"tag {tag}")
        if tag != "br":
            self._open.append(tag)
        if tag not in ("a", "code", "em", "s", "span", "strong"):
            self.text += "\n"
        values = dict(attrs)
        if len(values) != len(attrs):
            self.faults.append(f"doubled attribute on {tag}")
        if tag == "a":
            self._check_link(values)
            values = {}
        elif tag == "span":
            if values.pop("class", None) != "mention":
                self.faults.append("span without the class of a mention")
        elif tag == "code":
            if not re.fullmatch(r"language-[A-Za-z0-9+#.-]+", values.pop("class", None) or "language-x"):
                self.faults.append("class on code")
        elif tag == "pre":
            if values.pop("tabindex", None) != "0":
                self.faults.append("pre that the keyboard cannot reach")
        elif tag == "ol" and not (values.pop("start", None) or "1").isdecimal():
            self.faults.append("start of ol")
        self.faults += [f"attribute {name} on {tag}" for name in values]

    def handle_endtag(self, tag: str) -> None:
        if tag == "br" or not self._open or self._open.pop() != tag:
            self.faults.append(f"closes {tag}")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.faults.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.faults.append("declaration")

    def unknown_decl(self, data: str) -> None:
        self.faults.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.faults.append("processing instruction")

    def _check_link(self, values: dict[str, str | None]) -> None:
        href = values.pop("href", None)
        if href is not None:
            self.links.append(href)
            # Browsers drop these before they look at the scheme.
            scheme = urlsplit(re.sub(r"[\x00-\x20]", "", href)).scheme.lower()
            if scheme not in ("http", "https", "mailto"):
                self.faults.append(f"link to {href!r}")
        if values != {"rel": "noopener noreferrer nofollow", "target": "_blank"}:
            self.faults.append(f"link with {values}")
