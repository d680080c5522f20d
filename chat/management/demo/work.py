"""The conversations of the Skylark team: a launch, design talk, alarms, announcements. Mostly in English."""

# ruff: noqa: E501 - a message is easiest to read and to change on one line.
from __future__ import annotations

from chat.management.demo.script import Line, Part, Scene, ago

LAUNCH = Scene(
    key="launch",
    kind="group",
    title="Skylark 2.0 launch",
    creator="mara",
    members=("emily", "tomas", "zhouwei", "linxia"),
    admins=("emily",),
    description="From release candidate to everyone. Decisions are pinned.",
    unread={"mara": 4, "linxia": 2},
    pinned_by=("mara",),
    parts=(
        Part(
            ago(days=6, hours=3),
            (
                Line(
                    "mara", "Morning all. This is the room for the 2.0 launch, so that the general one stays readable."
                ),
                Line(
                    "mara",
                    "The plan as it stands:\n\n"
                    "1. **Mon–Tue** freeze strings, translations go out\n"
                    "2. **Wed** release candidate, everybody uses it for real work\n"
                    "3. **Thu** fix what hurts\n"
                    "4. **Fri** ship to 10 %, watch, then everyone\n\n"
                    "If a date looks wrong to you, say so now rather than on Thursday :)",
                    after=2,
                    ref="plan",
                    pinned=True,
                    reactions={"👍": ("emily", "zhouwei", "linxia"), "🚀": ("tomas",)},
                ),
                Line(
                    "tomas",
                    "Friday ship is fine by me as long as the 10 % really is 10 %. Last time it was 100 % for six minutes.",
                    after=4,
                ),
                Line("mara", "Fair. The flag is per account now, not per request.", after=2),
                Line("linxia", "翻译周二下午能给到吗？我这边要留半天过一遍中文文案。", after=9, ref="strings"),
                Line(
                    "emily",
                    "Yes — I export the strings at noon on Tuesday, zh first.",
                    after=3,
                    reply="strings",
                    reactions={"🙏": ("linxia",)},
                ),
            ),
        ),
        Part(
            ago(days=4, hours=5),
            (
                Line("zhouwei", "RC1 在测试环境了。离线同步那块我重写了合并逻辑，大家重点测一下飞行模式。"),
                Line(
                    "zhouwei",
                    "The heart of it, if anybody wants to poke holes:\n\n"
                    "```python\n"
                    "def merge(local: Note, remote: Note) -> Note:\n"
                    '    """The higher version wins; equal versions are equal notes."""\n'
                    "    if local.version == remote.version:\n"
                    "        return local\n"
                    "    winner, loser = sorted((local, remote), key=lambda n: n.version, reverse=True)\n"
                    "    return winner.with_history(loser)\n"
                    "```",
                    after=3,
                    ref="merge",
                    reactions={"👀": ("mara", "tomas")},
                ),
                Line(
                    "mara",
                    "Nice and small. What happens to a note deleted on one side and edited on the other?",
                    after=11,
                    reply="merge",
                    ref="deleted",
                ),
                Line(
                    "zhouwei",
                    "The edit wins and the note comes back. Losing text is worse than an unwanted note.",
                    after=2,
                    reply="deleted",
                    reactions={"💯": ("mara", "emily", "linxia")},
                ),
                Line("tomas", "Agreed. I will add exactly that sentence to the docs.", after=5),
            ),
        ),
        Part(
            ago(days=2, hours=2),
            (
                Line(
                    "emily",
                    "New empty state for the notebook is in RC2. The bird is gone, the button is bigger. Sorry, bird. 🐦",
                ),
                Line("linxia", "按钮大了确实好点多了 👏", after=2, reactions={"😄": ("emily",)}),
                Line(
                    "tomas",
                    "Numbers from the beta ring, last 24 h:\n\n- crash-free sessions: **99.93 %** (was 99.71 %)\n- sync p95: `840 ms` → `310 ms`\n- support mails: 4, two of them thank-yous",
                    after=26,
                    reactions={"🎉": ("mara", "emily", "zhouwei", "linxia")},
                ),
                Line("mara", "That sync number deserves its own slide.", after=1),
            ),
        ),
        Part(
            ago(days=1, hours=1),
            (
                Line(
                    "linxia",
                    "中文文案过完了，一共改了 17 处，主要是把“笔记簿”统一成“笔记本”。清单在这里：https://docs.skylark.example/zh-review",
                    reactions={"👍": ("mara", "zhouwei")},
                ),
                Line("emily", "Merged, thank you! Screenshots for the store regenerate tonight.", after=14),
                Line(
                    "mara",
                    "Go/no-go is tomorrow at 15:00 UTC, ten minutes, no slides.",
                    before_edit="Go/no-go is tomorrow at 14:00 UTC, ten minutes, no slides.",
                    after=31,
                    reactions={"👍": ("emily", "tomas", "zhouwei", "linxia")},
                ),
            ),
        ),
        Part(
            ago(hours=1, minutes=5),
            (
                Line(
                    "mara",
                    "It is a **go**. 10 % from now on, I watch the graphs and write here every half hour.",
                    reactions={"🚀": ("emily", "tomas", "zhouwei", "linxia"), "❤️": ("emily",)},
                ),
                Line("zhouwei", "👍", after=1),
                Line("tomas", "First thousand accounts moved. Error rate flat.", after=19),
                Line(
                    "emily", "Store page is live: https://skylark.example/2.0 — it looks *so* good on a phone.", after=6
                ),
                Line("linxia", "刚在中文应用商店也看到了，截图是对的 🎊", after=4),
                Line(
                    "tomas",
                    "@mara sync queue went to 240 for a minute and came back by itself. Looks like the morning login wave.",
                    after=12,
                    file="sync-queue.png",
                    alt="A graph: the queue rises to 240 shortly after eight and is empty again ten minutes later",
                    mentions=("mara",),
                    ref="queue",
                ),
                Line(
                    "zhouwei",
                    "确认过了，是登录高峰，重试都成功了，没有丢消息。",
                    after=5,
                    reply="queue",
                    reactions={"😮‍💨": ("tomas",)},
                ),
            ),
        ),
    ),
)

NEWS = Scene(
    key="news",
    kind="channel",
    title="Skylark News · 产品公告",
    creator="tomas",
    members=("mara", "linxia", "emily", "zhouwei", "chenyu", "wangfang"),
    admins=("linxia",),
    unread={"mara": 1, "chenyu": 3, "wangfang": 4, "zhouwei": 1},
    parts=(
        Part(
            ago(days=6, hours=8),
            (
                Line(
                    "tomas",
                    "Welcome! Only the editors write here, so you can leave the sound on. 这里只有编辑发言，可以放心打开通知。",
                ),
            ),
        ),
        Part(
            ago(days=5, hours=1),
            (
                Line(
                    "tomas",
                    "**Skylark 1.9.4**\n\n- Search finds words inside tags\n- Paste keeps tables\n- Fixed: the clock in the widget was one hour off after the end of summer time",
                    reactions={"👍": ("mara", "zhouwei", "chenyu")},
                ),
                Line(
                    "linxia",
                    "**云雀 1.9.4**\n\n- 搜索支持标签内的词\n- 粘贴保留表格\n- 修复：夏令时结束后小组件时间差一小时",
                    after=8,
                    reactions={"👍": ("wangfang",)},
                ),
            ),
        ),
        Part(
            ago(minutes=52),
            (
                Line(
                    "tomas",
                    "**Skylark 2.0 is on its way** 🚀\n\n"
                    "Write on the train, in the lift, on a mountain: notes sync by themselves the moment there is a network again, and nothing is ever overwritten.\n\n"
                    "It reaches everyone by the end of the week. [What is new](https://skylark.example/2.0/whats-new)",
                    reactions={"🎉": ("linxia", "emily", "zhouwei"), "❤️": ("emily",)},
                ),
                Line(
                    "linxia",
                    "**云雀 2.0 开始推送啦** 🚀\n\n地铁里、电梯里、山顶上都能写，一有网络就自动同步，谁的修改都不会丢。本周内陆续推送到所有人。",
                    after=7,
                    reactions={"🎉": ("tomas", "emily")},
                ),
            ),
        ),
    ),
)

DESIGN = Scene(
    key="design",
    kind="direct",
    creator="emily",
    members=("mara",),
    unread={"mara": 1},
    parts=(
        Part(
            ago(days=3, hours=4),
            (
                Line(
                    "emily",
                    "Do you have ten minutes for the settings page? I have two versions and I like both, which is never a good sign.",
                ),
                Line("mara", "Always. Which one would your mum understand?", after=6),
                Line("emily", "Ha. The second. OK, that was quick.", after=1, reactions={"😂": ("mara",)}),
                Line("emily", "Sent you the wrong file first, sorry", after=2, recalled=True),
                Line("emily", "This one is it.", after=1, ref="settings", file="settings-b.pdf"),
                Line(
                    "mara",
                    "> Danger zone\n\nDo we need the red box? Signing out is not dangerous. Deleting is.",
                    after=12,
                    reply="settings",
                ),
                Line(
                    "emily",
                    "True. Sign-out moves up, the box keeps only *Delete account*.",
                    after=3,
                    reactions={"✅": ("mara",)},
                ),
            ),
        ),
        Part(
            ago(hours=5, minutes=20),
            (
                Line("mara", "The store screenshots are lovely. Did you do the Chinese ones by hand?"),
                Line("emily", "No, same script, other strings. 林夏 only had to fix one line break.", after=9),
                Line("mara", "Then we never do them by hand again 🙌", after=1),
                Line("emily", "Dinner on Friday when this is out? Tomás knows a place with good dumplings.", after=180),
            ),
        ),
    ),
)

HANDOVER = Scene(
    key="handover",
    kind="direct",
    creator="linxia",
    members=("mara",),
    unread={"linxia": 2},
    unseen={"linxia": 1},
    parts=(
        Part(
            ago(days=2, hours=7),
            (
                Line("linxia", "Hi Mara, the Chinese store text needs the release date. Is Friday safe to print?"),
                Line("mara", "Friday is when it *starts*. “This week” is safer.", after=4),
                Line("linxia", "好，写“本周”。谢谢！", after=1),
                Line(
                    "mara",
                    "不客气！(I have been practising)",
                    after=1,
                    reactions={"👏": ("linxia",), "😄": ("linxia",)},
                ),
            ),
        ),
        Part(
            ago(minutes=34),
            (
                Line("linxia", "First user questions are in. Most asked: “Does 2.0 keep my old notebooks?”"),
                Line(
                    "mara",
                    "Yes, all of them, nothing to do. I will put that as the first line of the help page.",
                    after=5,
                ),
                Line(
                    "mara",
                    "Here is the sentence, please translate when you can:\n\n> Your notebooks stay exactly where they are.",
                    after=2,
                ),
            ),
        ),
    ),
)

ONCALL = Scene(
    key="oncall",
    kind="group",
    title="Backend on-call",
    creator="tomas",
    members=("mara", "zhouwei"),
    unread={"zhouwei": 2},
    parts=(
        Part(
            ago(days=3, hours=9),
            (
                Line("tomas", "Handing over to Mara. Quiet week: one page, false alarm, threshold raised."),
                Line("mara", "Got it, thanks.", after=3),
                Line(
                    "mara",
                    "For the notebook, how to see who holds a lock:\n\n"
                    "```sql\n"
                    "SELECT pid, wait_event_type, state, left(query, 60)\n"
                    "FROM pg_stat_activity\n"
                    "WHERE cardinality(pg_blocking_pids(pid)) > 0;\n"
                    "```",
                    after=47,
                    reactions={"🔖": ("tomas", "zhouwei")},
                ),
            ),
        ),
        Part(
            ago(hours=9),
            (
                Line("mara", "Replica lag 40 s at 03:12, gone by 03:14. The nightly export again."),
                Line("tomas", "We could move it to the standby.", after=35),
                Line("tomas", "Ticket written, mine for next week.", after=4, reactions={"🙏": ("mara",)}),
            ),
        ),
    ),
)

_RESULTS = ("passed in 3 min 41 s", "passed in 3 min 38 s", "passed in 3 min 52 s", "passed in 3 min 40 s")

#: More than a badge can show, muted by everyone: what a busy robot looks like in a list.
BUILDS = Scene(
    key="builds",
    kind="group",
    title="Build status",
    creator="tomas",
    members=("mara", "zhouwei", "skylark_ci"),
    unread={"mara": 117, "zhouwei": 12},
    muted_by=("mara", "zhouwei", "tomas"),
    parts=(
        Part(
            ago(days=6),
            tuple(
                Line(
                    "skylark_ci",
                    f"❌ `main` build {4100 + number} failed: `test_sync_offline` (retrying)"
                    if number % 29 == 17
                    else f"✅ `main` build {4100 + number} {_RESULTS[number % len(_RESULTS)]}",
                    after=68,
                )
                for number in range(120)
            ),
        ),
    ),
)

OFFSITE = Scene(
    key="offsite",
    kind="group",
    title="Lisbon offsite",
    creator="emily",
    members=("mara", "tomas"),
    archived_by=("mara",),
    parts=(
        Part(
            ago(days=7, hours=6),
            (
                Line("emily", "Last thing for Lisbon: receipts to finance by Friday, please."),
                Line(
                    "tomas",
                    "Sent. The tram ticket is illegible but so was the tram.",
                    after=55,
                    reactions={"😂": ("emily", "mara")},
                ),
                Line("mara", "Done too. Until the next one! 🇵🇹", after=12, reactions={"❤️": ("emily", "tomas")}),
            ),
        ),
    ),
)

MARA_NOTES = Scene(
    key="mara-notes",
    kind="direct",
    creator="mara",
    members=(),
    parts=(
        Part(
            ago(days=4, hours=1),
            (
                Line("mara", "- [ ] renew passport\n- [ ] book for 林夏's birthday\n- [x] call the dentist"),
                Line("mara", "https://www.rfc-editor.org/rfc/rfc6455 §7.4, close codes", after=600),
            ),
        ),
    ),
)

SCENES = (OFFSITE, LAUNCH, NEWS, BUILDS, MARA_NOTES, ONCALL, DESIGN, HANDOVER)
