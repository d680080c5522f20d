"""A browser without JavaScript: it follows links, fills in forms as they stand on the page, and keeps cookies.

Forms are read from the HTML, so a test proves that the page offers what it submits, CSRF token included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.http import HttpResponse
from django.test import Client

_VOID = frozenset(("br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"))


class Element:
    """One element of a parsed page."""

    def __init__(self, tag: str, attributes: Mapping[str, str], parent: Element | None) -> None:
        self.tag = tag
        self.attributes = dict(attributes)
        self.parent = parent
        self.children: list[Element | str] = []

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    def has(self, name: str) -> bool:
        return name in self.attributes

    @property
    def classes(self) -> set[str]:
        return set(self.get("class").split())

    @property
    def text(self) -> str:
        """What is written in it, with its white space joined."""
        return " ".join(self.raw_text.split())

    @property
    def raw_text(self) -> str:
        """What is written in it, as it is."""
        return "".join(self._texts())

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._texts()

    def walk(self) -> Iterator[Element]:
        """Every element inside, in order; not what is in a `<template>`."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                if child.tag != "template":
                    yield from child.walk()

    def all(self, tag: str = "", css: str = "", **attributes: str) -> list[Element]:
        """The elements with this tag, class and attributes (`data_mid="3"` is data-mid)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.walk()
            if (not tag or element.tag == tag)
            and (not css or css in element.classes)
            and all(element.attributes.get(name) == value for name, value in wanted.items())
        ]

    def one(self, tag: str = "", css: str = "", **attributes: str) -> Element:
        found = self.all(tag, css, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag}.{css} {attributes}"
        return found[0]


class _TreeBuilder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {}, None)
        self._at = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self._at)
        self._at.children.append(element)
        if tag not in _VOID:
            self._at = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        at: Element | None = self._at
        while at is not None and at.tag != tag:
            at = at.parent
        assert at is not None, f"</{tag}> closes nothing"
        assert at is self._at, f"</{tag}> closes <{self._at.tag}>"
        assert at.parent is not None
        self._at = at.parent

    def handle_data(self, data: str) -> None:
        self._at.children.append(data)


def parse(html: str) -> Element:
    """The tree of a page. Fails when tags are not properly nested."""
    builder = _TreeBuilder()
    builder.feed(html)
    builder.close()
    assert builder._at is builder.root, f"<{builder._at.tag}> is never closed"
    return builder.root


class PlainBrowser:
    """One visitor. `page`, `status` and `url` are of what was last loaded."""

    #: The test client underneath, for requests that no page offers.
    client: Client

    def __init__(self, **headers: str) -> None:
        self.client = Client(enforce_csrf_checks=True, headers=headers or None)
        self.url = "/"
        self.status = 0
        self.page = Element("", {}, None)
        self.html = ""
        self.redirects: list[int] = []

    @property
    def cookies(self) -> Any:
        return self.client.cookies

    def visit(self, url: str) -> Element:
        """Load a page, and what it has in `<noscript>`."""
        return self._show(self.client.get(urljoin(self.url, url).split("#")[0]), urljoin(self.url, url))

    def follow(self, text: str) -> Element:
        """Click the one link with this text (or label)."""
        links = [link for link in self.page.all("a") if text in (link.text, link.get("aria-label"))]
        links = [link for link in links if not link.has("hidden")]
        assert len(links) == 1, f"{len(links)} links “{text}”"
        return self.visit(links[0]["href"])

    def submit(self, button: str, *, within: Element | None = None, **fields: Any) -> Element:
        """Fill in the form of the one button with this text (or label), and press it. Files and lists are allowed."""
        scope = within or self.page
        buttons = [each for each in scope.all("button") if button in (each.text, each.get("aria-label"))]
        assert len(buttons) == 1, f"{len(buttons)} buttons “{button}”"
        return self.press(buttons[0], **fields)

    def press(self, button: Element, **fields: Any) -> Element:
        """Press this button."""
        form = self._form_of(button)
        values = self._values(form)
        for name, value in fields.items():
            assert name in {each.get("name") for each in form.walk()}, f"the form has no {name}"
            values[name] = value
        if button.get("name"):
            values[button["name"]] = button["value"]
        action = urljoin(self.url, button.get("formaction") or form.get("action") or self.url).split("#")[0]
        if form.get("method") == "post":
            response = self.client.post(action, values, headers={"Referer": f"http://testserver{self.url}"})
        else:
            response = self.client.get(action, query_params=values)
        return self._show(response, action)

    def _form_of(self, button: Element) -> Element:
        if button.has("form"):
            return self.page.one("form", id=button["form"])
        form = button.parent
        while form is not None and form.tag != "form":
            form = form.parent
        assert form is not None, "a button outside of any form"
        return form

    def _values(self, form: Element) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for field in form.walk():
            name = field.get("name")
            if not name or field.has("disabled"):
                continue
            if field.tag == "textarea":
                # As browsers do: the first line break after the tag is not part of the text.
                values[name] = field.raw_text.removeprefix("\n")
            elif field.tag == "select":
                chosen = [option for option in field.all("option") if option.has("selected")]
                values[name] = (chosen or field.all("option"))[0].get("value")
            elif field.tag == "input" and field.get("type") in {"checkbox", "radio"}:
                if field.has("checked"):
                    values.setdefault(name, []).append(field.get("value", "on"))
            elif field.tag == "input" and field.get("type") != "file":
                values[name] = field.get("value")
        return values

    def _show(self, response: HttpResponse, url: str) -> Element:
        self.redirects = []
        while 300 <= response.status_code < 400:
            self.redirects.append(response.status_code)
            url = urljoin(url, response["Location"])
            response = self.client.get(url.split("#")[0])
        self.status = response.status_code
        self.url = url
        self.html = response.content.decode()
        parts = urlsplit(url)
        self.url = parts._replace(scheme="", netloc="").geturl()
        self.page = parse(self.html)
        for noscript in self.page.all("noscript"):
            for image in noscript.all("img"):
                assert self.client.get(image["src"]).status_code == 200
        return self.page
