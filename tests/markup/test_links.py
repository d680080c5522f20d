"""Which parts of a text are links, and where they end."""

from __future__ import annotations

import pytest

from chat.markup import render
from tests.markup.page import Page


@pytest.mark.parametrize(
    ("content", "link"),
    [
        ("https://a.example", "https://a.example"),
        ("see HTTPS://A.example/X now", "HTTPS://A.example/X"),
        ("http://localhost:8000/c/1/", "http://localhost:8000/c/1/"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("(https://a.example/b)", "https://a.example/b"),
        ("https://a.example/A_(b)", "https://a.example/A_(b)"),
        ("(https://a.example/A_(b)).", "https://a.example/A_(b)"),
        ("https://a.example/?q=1&b=2.", "https://a.example/?q=1&b=2"),
        ("https://a.example/b!", "https://a.example/b"),
        ("**https://a.example/b**", "https://a.example/b"),
        ("https://a.example/a_b_c_d", "https://a.example/a_b_c_d"),
        ('"https://a.example/b"', "https://a.example/b"),
        ("<https://a.example/b>", "https://a.example/b"),
        ("https://a.example/#x,y", "https://a.example/#x,y"),
        # Without spaces around it, as Chinese is written.
        ("看https://a.example/b你觉得呢", "https://a.example/b"),
        ("看https://a.example,好的", "https://a.example"),
        ("https://a.example/b。", "https://a.example/b"),
        ("https://a.example/b、c", "https://a.example/b"),
        ("(https://a.example/b)", "https://a.example/b"),
        ("“https://a.example/b”", "https://a.example/b"),
        ("访问a.com吧", "http://a.com"),
        ("https://例え.jp/x", "https://xn--r8jz45g.jp/x"),
        ("https://münchen.example/", "https://xn--mnchen-3ya.example/"),
        ("https://a.example/%E4%B8%AD", "https://a.example/%E4%B8%AD"),
        # Without a scheme.
        ("www.a.example/b_c", "http://www.a.example/b_c"),
        ("a.com", "http://a.com"),
        ("mail.a.com:8080/x?y", "http://mail.a.com:8080/x?y"),
        ("go to a.com.", "http://a.com"),
        ("bob@a.example", "mailto:bob@a.example"),
        ("bob+chat@mail.a.example,", "mailto:bob+chat@mail.a.example"),
        # As Markdown.
        ("[text](https://a.example/b)", "https://a.example/b"),
        ('[text](https://a.example/b "title")', "https://a.example/b"),
        ("[text](mailto:bob@a.example)", "mailto:bob@a.example"),
    ],
)
def test_links(content: str, link: str) -> None:
    page = Page(render(content))
    assert page.links == [link]
    assert page.faults == []


@pytest.mark.parametrize(
    "content",
    [
        "settings.py",
        "run.sh and README.md",
        "file.com.txt",
        "archive.tar.gz",
        "v1.2.3",
        "e.g.this",
        "a..com",
        ".com",
        "http://",
        "https:// a",
        "https:///x",
        "ftp://a.example",
        "//a.example/x",
        "xhttps://a.example",
        "https://bank.example@evil.example/",
        "https://user:password@a.example/",
        "bob@localhost",
        "bob@a.example-x",
        "@alice.b",
        "`https://a.example`",
        "```\nhttps://a.example\n```",
        "[x](a.example)",
        "[x](./b)",
    ],
)
def test_no_links(content: str) -> None:
    assert Page(render(content)).links == []


def test_several_links__in_one_line() -> None:
    page = Page(render("a.com, https://b.example/c and d@e.example;www.f.example"))
    assert page.links == ["http://a.com", "https://b.example/c", "mailto:d@e.example", "http://www.f.example"]
    assert page.text.strip() == "a.com, https://b.example/c and d@e.example;www.f.example"


@pytest.mark.parametrize("content", ["http://аpple.com", "https://xn--pple-43d.com", "https://a.example/%3Cb%3E"])
def test_a_link__is_shown_as_it_was_written(content: str) -> None:
    assert Page(render(content)).text.strip() == content


def test_links__do_not_nest() -> None:
    assert Page(render("[https://bank.example](https://evil.example)")).links == ["https://evil.example"]
