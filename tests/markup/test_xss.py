"""Nothing that somebody writes can become anything but text, in any page."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from chat.markup import render
from chat.markup.sanitizing import sanitize
from tests.markup.page import Page

PAYLOADS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    '<img src="x" onerror="alert(1)"',
    "<IMG SRC=&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)>",
    '<IMG """><SCRIPT>alert(1)</SCRIPT>">',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<math><mtext></p><script>alert(1)</script></mtext></math>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<body onload=alert(1)>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<style>@import '//evil.example/x.css';</style>",
    "<div style='background:url(javascript:alert(1))'>x</div>",
    "<form action=/settings/ method=post><button>x</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<marquee onstart=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea></textarea><script>alert(1)</script>",
    "<!--<img src='--><img src=x onerror=alert(1)//'>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
    "<!DOCTYPE html><script>alert(1)</script>",
    "</p></div><script>alert(1)</script>",
    "<a href='javascript:alert(1)'>x</a>",
    '<a href="https://ok.example" onclick=alert(1)>x</a>',
    "<p class='btn' id='logout'>x</p>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x]( javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](<java\tscript:alert(1)>)",
    "[x](java&#10;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://chat.example/1)",
    "[x](tel:+491234)",
    "[x](//evil.example/)",
    "[x](/signout/)",
    "[x](#top)",
    "[x](?next=evil)",
    '[x](https://ok.example/"onmouseover=alert(1) ")',
    '[x](https://ok.example/ "title" onmouseover=alert(1))',
    "[x](https://ok.example/ '\"><script>alert(1)</script>')",
    '[x](https://ok.example/\\"><script>alert(1)</script>)',
    "[<img src=x onerror=alert(1)>](https://ok.example)",
    "![x](https://ok.example/x.png)",
    "![x](javascript:alert(1))",
    '![x"onerror="alert(1)](https://ok.example/x.png)',
    "[x][1]\n\n[1]: javascript:alert(1)",
    "<javascript:alert(1)>",
    '<https://ok.example/"onmouseover="alert(1)>',
    "javascript:alert(1)",
    "javascript://ok.example/%0aalert(1)",
    'https://ok.example/"onmouseover="alert(1)',
    "https://ok.example/'><script>alert(1)</script>",
    "https://ok.example/<script>alert(1)</script>",
    "http://ok.example\\@evil.example",
    'www.ok.example/"><svg/onload=alert(1)>',
    'a"onmouseover=alert(1)@ok.example',
    "mailto:a@ok.example?body=<script>alert(1)</script>",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    '```x" onmouseover="alert(1)\nx\n```',
    "```btn primary\nx\n```",
    "`<script>alert(1)</script>`",
    "`` `<img src=x onerror=alert(1)>` ``",
    "> <script>alert(1)</script>",
    "- <img src=x onerror=alert(1)>",
    "**<svg/onload=alert(1)>**",
    "*[x](javascript:alert(1))*",
    "~~<b onclick=alert(1)>x</b>~~",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\<script\\>alert(1)\\</script\\>",
    "\x00<script>alert(1)</script>",
    "<script\x0b>alert(1)</script>",
    "<ſcript>alert(1)</ſcript>",
    "＜script＞alert(1)＜/script＞",
    "@alice<script>alert(1)</script>",
    "\u202e<script>alert(1)</script>",
    "{{ constructor.constructor('alert(1)')() }}",
    "<x " * 500 + "onmouseover=alert(1)>",
]


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: repr(payload)[:40])
@pytest.mark.parametrize("around", ["{}", "**{}**", "> {}", "- {}", "a [b]({}) c", "`{}`", "hi {} @alice"])
def test_payloads(payload: str, around: str) -> None:
    html = render(around.replace("{}", payload), ("alice", "<script>"))
    assert Page(html).faults == [], html


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: repr(payload)[:40])
def test_the_sanitiser__holds_alone(payload: str) -> None:
    """Were the parser to let HTML through as it is, this gate would still stop it."""
    assert Page(sanitize(payload)).faults == []


@pytest.mark.parametrize("name", ['"><script>', "<b>", "alice' onclick='x", ".*", "(", "\\", ""])
def test_names_in_mentions__are_only_names(name: str) -> None:
    html = render(f"hi @{name} and @alice", (name, "alice"))
    assert Page(html).faults == []
    assert '<span class="mention">@alice</span>' in html


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: repr(payload)[:40])
def test_payloads__are_shown_and_not_swallowed(payload: str) -> None:
    assert Page(render(payload)).text.strip() or not payload.strip()


pieces = st.sampled_from(
    [
        *"<>\"'&`*_~[]()!\\:/=@#|\n \t-+1.",
        "a",
        "世",
        "script",
        "javascript:",
        "https://",
        "onerror=",
        "&#",
        "](",
        "```",
        "> ",
    ]
)


@given(st.lists(pieces, max_size=30).map("".join) | st.text(), st.lists(st.text(max_size=5), max_size=3))
def test_anything(content: str, mentions: list[str]) -> None:
    html = render(content, tuple(mentions))
    assert Page(html).faults == [], html
