"""What people write, and what they see."""

from __future__ import annotations

import time

import hypothesis.strategies as st
import pytest
from hypothesis import given

from chat.markup import render
from chat.markup.rendering import LINKS_MAX, MARKDOWN_CHARS_MAX, MARKS_MAX
from tests.markup.page import Page


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ("Hello", "<p>Hello</p>"),
        ("a & b < c", "<p>a &amp; b &lt; c</p>"),
        ("one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"),
        ("one\r\ntwo\rthree", "<p>one<br>two<br>three</p>"),
        ("**bold** *italic* _too_ ~~gone~~ `code`", None),
        ("***both***", "<p><em><strong>both</strong></em></p>"),
        ("**two\nlines**", "<p><strong>two<br>lines</strong></p>"),
        ("```\nx = 1\n\n  y\n```", '<pre tabindex="0"><code>x = 1\n\n  y\n</code></pre>'),
        ("```python\nx\n```", '<pre tabindex="0"><code class="language-python">x\n</code></pre>'),
        ("```c++\nx\n```", '<pre tabindex="0"><code class="language-c++">x\n</code></pre>'),
        ("```<b>\nx\n```", '<pre tabindex="0"><code>x\n</code></pre>'),
        ("before\n```\n<br>\n```\nafter", '<p>before</p><pre tabindex="0"><code>&lt;br&gt;\n</code></pre><p>after</p>'),
        ("> quoted\nanswer", "<blockquote><p>quoted</p></blockquote><p>answer</p>"),
        ("> a\n> b", "<blockquote><p>a<br>b</p></blockquote>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("- a\n  - b", "<ul><li>a<ul><li>b</li></ul></li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("\\*no\\*", "<p>*no*</p>"),
    ],
)
def test_markup(content: str, html: str | None) -> None:
    if html is None:
        html = "<p><strong>bold</strong> <em>italic</em> <em>too</em> <s>gone</s> <code>code</code></p>"
    assert render(content) == html


@pytest.mark.parametrize(
    "content",
    [
        "2 * 3 * 4 = 24",
        "snake_case_name and another_one",
        "变量_名_称",
        "[x](javascript:alert(1))",
        "[x](/signout/)",
        "~5 minutes, ~ish",
        "好的~",
        "C:\\Users\\alice",
        "# not a heading",
        "a\n---\nb",
        "    not code",
        "<b>not bold</b>",
        "&lt; stays &lt;",
        "| not | a | table |",
        "+1",
        "-5",
        "1.5",
        "*",
        "-",
        "- ",
        "1.",
        ">",
        "```",
        "``",
        "[](https://ok.example)",
        "[x]",
        "[x] [y](z)",
        "@nobody",
    ],
)
def test_what_is_no_markup__is_shown_as_written(content: str) -> None:
    assert Page(render(content)).text.split() == content.split()
    assert set(Page(render(content)).tags) <= {"p", "br"}


@pytest.mark.parametrize(
    ("content", "bold"),
    [
        ("**注意:**今天休息", "注意:"),
        ("请看**“这里”**。", "“这里”"),
        ("这是**重要**的", "重要"),
        ("**(重要)**的", "(重要)"),
        ("价格**100%**优惠", "100%"),
    ],
)
def test_emphasis__between_chinese_characters(content: str, bold: str) -> None:
    assert f"<strong>{bold}</strong>" in render(content)


@pytest.mark.parametrize("content", ["中** 文**", "中 ** 文 **", "**文 **中"])
def test_emphasis__not_across_white_space(content: str) -> None:
    assert "<strong>" not in render(content)


@pytest.mark.parametrize(
    ("content", "mentions", "marked"),
    [
        ("@alice hi", ("alice",), ["@alice"]),
        ("hi @Alice, @bob.", ("alice", "bob"), ["@Alice", "@bob"]),
        ("**@alice**", ("alice",), ["@alice"]),
        ("@张三你好", ("张三",), ["@张三"]),
        ("你好@alice在吗", ("alice",), ["@alice"]),
        ("@ann @anna", ("ann", "anna"), ["@ann", "@anna"]),
        ("@anna", ("ann",), []),
        ("@ann-marie", ("ann",), []),
        ("mail ann@alice.example", ("alice", "alice.example"), []),
        ("`@alice`", ("alice",), []),
        ("[@alice](https://evil.example)", ("alice",), []),
        ("@alice", (), []),
        ("@bob", ("alice",), []),
        ("@a.b+c", ("a.b+c",), ["@a.b+c"]),
        ("x@alice", ("alice",), []),
        ("@张三你好", ("张", "张三"), ["@张三"]),
        ("@ alice", ("", "alice"), []),
        ("no names here", ("alice",), []),
    ],
)
def test_mentions(content: str, mentions: tuple[str, ...], marked: list[str]) -> None:
    html = render(content, mentions)
    assert [part.split("</span>")[0] for part in html.split('<span class="mention">')[1:]] == marked


class TestNothingIsLost:
    @pytest.mark.parametrize(
        "content", [">" * 100 + "deep", "- " * 100 + "deep", "".join(f"{' ' * 2 * n}- {n}\n" for n in range(60))]
    )
    def test_too_deep__is_shown_as_written(self, content: str) -> None:
        assert Page(render(content)).text.split() == content.split()

    def test_too_long__is_shown_as_written(self) -> None:
        content = "**x**" + " word" * (MARKDOWN_CHARS_MAX // 5)
        assert Page(render(content)).text.split() == content.split()

    def test_too_many_marks__are_shown_as_written(self) -> None:
        def is_parsed(count: int) -> bool:
            return "em" in Page(render("*a* " * (count // 2))).tags

        assert is_parsed(MARKS_MAX)
        assert not is_parsed(MARKS_MAX + 2)

    @pytest.mark.parametrize("link", ["https://a.example/{} ", "a{}.com ", "x{}@a.example "])
    def test_too_many_links__are_shown_as_text(self, link: str) -> None:
        def linked(count: int) -> int:
            page = Page(render("".join(link.format(number) for number in range(count))))
            assert len(page.text.split()) == count
            return len(page.links)

        assert linked(LINKS_MAX) == LINKS_MAX
        assert linked(LINKS_MAX + 1) == 0

    @given(st.text(st.sampled_from("ab .,\n\t\"'&>-+1)!#~=:|/好。"), max_size=20))
    def test_the_short_way__leads_to_the_same_page(self, content: str) -> None:
        """Text without markup is not parsed; an emphasis at its end has it parsed, and must change nothing else."""
        plain, parsed = Page(render(content + "\n\nend")), Page(render(content + "\n\n*end*"))
        assert parsed.text == plain.text
        assert [tag for tag in parsed.tags if tag != "em"] == plain.tags

    @given(st.text(st.sampled_from("ab世 *_~>-+\n[]!@#.:/<&\\")))
    def test_letters__are_all_there(self, content: str) -> None:
        """Without what stands for something else: targets of links, languages of code, numbers of lists."""
        shown = Page(render(content)).text
        assert list(filter(str.isalpha, shown)) == list(filter(str.isalpha, content))


HOSTILE = [
    *"[]*_~`>\\<@:/.(!&|#-+1",
    *(
        "[*",
        "*[",
        "**_",
        "[[a]",
        "[a](",
        "[a](<b\n",
        "[a]('",
        "![",
        "a**b",
        "*a **b",
        " *a",
        "_a_",
        "~~a",
        "``a`",
        "> ",
        "- ",
    ),
    *(
        "- a\n",
        "> a\n",
        "1. ",
        "> - ",
        "```\n",
        "```a\n`",
        "http://",
        "http://a/(",
        "http://a/((b",
        "http://a...",
        "://",
        "a://",
    ),
    *(
        "a.com ",
        "www.",
        "a@",
        "a@b.",
        "x@y.com ",
        "@a",
        "'a.com",
        "a-.",
        "http://a@",
        "http://中.",
        "<http:",
        "<a@",
        "\n",
        " \n",
        "\t",
    ),
    *("你好,", "https://", "//", "mailto:", "&#", "\\[", "]("),
]


@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_hostile_text__takes_little_time(piece: str) -> None:
    """As many characters as are ever parsed need a tenth of this CPU time; what is quadratic needs more than it."""
    content = (piece * MARKDOWN_CHARS_MAX)[:MARKDOWN_CHARS_MAX]
    started = time.thread_time()
    html = render(content, ("a", "alice"))
    assert time.thread_time() - started < 1
    assert Page(html).faults == []
    assert len(html) < 10 * len(content)
