"""Friends, family and a bookshop: the conversations outside of work. Mostly in Chinese."""

# ruff: noqa: E501 - a message is easiest to read and to change on one line.
from __future__ import annotations

from chat.management.demo.script import Line, Part, Scene, ago

HIKE = Scene(
    key="hike",
    kind="group",
    title="周末爬山 ⛰️",
    creator="chenyu",
    members=("linxia", "zhouwei", "emily"),
    admins=("linxia",),
    picture="ridges.jpg",
    description="每月一次，风雨无阻（大雨除外）。新朋友自我介绍一下再上山。",
    unread={"linxia": 3, "emily": 3},
    pinned_by=("linxia",),
    parts=(
        Part(
            ago(days=3, hours=1),
            (
                Line("chenyu", "这周末天气不错，谁想去爬山？🙋"),
                Line("linxia", "我！憋在家里一周了", after=2, reactions={"😂": ("chenyu", "zhouwei")}),
                Line("zhouwei", "可以，周六还是周日？", after=5),
                Line(
                    "chenyu",
                    "周六吧，周日留着躺平。两条线路大家选一下：\n\n1. **香炉峰**：7 公里，爬升 480 米，有台阶\n2. **云栖竹径**：11 公里，爬升 300 米，阴凉，路好走",
                    after=6,
                    ref="routes",
                    reactions={"2️⃣": ("linxia", "zhouwei", "emily")},
                ),
                Line("emily", "Can I join? My Chinese is slow but my legs are fine 😄", after=14),
                Line(
                    "linxia",
                    "Of course! 2 is the bamboo forest, you will love it.",
                    after=1,
                    reactions={"❤️": ("emily",)},
                ),
                Line(
                    "zhouwei",
                    "投 2，上次香炉峰的台阶让我瘸了三天",
                    after=3,
                    reply="routes",
                    reactions={"🤣": ("chenyu", "linxia", "emily")},
                ),
            ),
        ),
        Part(
            ago(days=1, hours=4),
            (
                Line(
                    "chenyu",
                    "那就定云栖竹径 🎋\n\n- 集合：周六 **7:30**，地铁 4 号线 C 口\n- 带：水 1.5 升、帽子、一件薄外套\n- 午饭：山下的农家菜，我订了 12:30 的位子",
                    before_edit="那就定云栖竹径 🎋\n\n- 集合：周六 **8:00**，地铁 4 号线 C 口\n- 带：水 1.5 升、帽子、一件薄外套\n- 午饭：山下的农家菜，我订了 12:30 的位子",
                    ref="meet",
                    pinned=True,
                    reactions={"👌": ("linxia", "zhouwei"), "🎋": ("emily",)},
                ),
                Line("zhouwei", "7:30……我尽量 🥱", after=9, reply="meet"),
                Line(
                    "linxia",
                    "@zhouwei 我打电话叫你，三遍不接就上门",
                    after=1,
                    mentions=("zhouwei",),
                    reactions={"😱": ("zhouwei",), "😂": ("chenyu", "emily")},
                ),
                Line("emily", "I bring snacks. Is anybody allergic to nuts?", after=22),
                Line("chenyu", "都不过敏，随便带 🥜", after=4),
                Line(
                    "chenyu",
                    "上次在山顶等到的日出，这次争取再来一张",
                    after=40,
                    file="ridges.jpg",
                    alt="日出前的层层山峦",
                    reactions={"😍": ("linxia", "emily"), "⛰️": ("zhouwei",)},
                ),
            ),
        ),
        Part(
            ago(minutes=48),
            (
                Line("linxia", "明天最低 9 度，外套别忘了"),
                Line("chenyu", "刚看了预报，下午三点以后可能有小雨 🌦️ 我们一点前下山就没事", after=11),
                Line("zhouwei", "登山杖我有两根多的，谁要？", after=7),
                Line("chenyu", "给 Emily 一根吧，竹林里有一段下坡有点滑", after=2, reactions={"👍": ("zhouwei",)}),
            ),
        ),
    ),
)

FAMILY = Scene(
    key="family",
    kind="group",
    title="相亲相爱一家人",
    creator="wangfang",
    members=("linjianguo", "linxia"),
    unread={"linxia": 6, "linjianguo": 1},
    muted_by=("linxia",),
    parts=(
        Part(
            ago(days=4, hours=2),
            (
                Line("wangfang", "下周末你爸生日，都回来吃饺子吗？"),
                Line("linxia", "回！我请了一天假 🥟", after=38, reactions={"❤️": ("wangfang", "linjianguo")}),
                Line("linjianguo", "好。我去买韭菜。", after=20),
                Line("wangfang", "你上次买成了蒜苗", after=1, reactions={"😂": ("linxia",)}),
                Line("linjianguo", "一样的", after=2, recalled=True),
                Line("linjianguo", "这次拍照给你确认。", after=1, reactions={"👍": ("wangfang",)}),
            ),
        ),
        Part(
            ago(days=1, hours=10),
            (
                Line(
                    "linjianguo", "阳台的君子兰开了，开了三朵。", file="君子兰.jpg", alt="一盆君子兰，开着三朵橙色的花"
                ),
                Line("linxia", "好漂亮！拍得也好", after=90),
                Line("wangfang", "你爸一早上去看了八遍", after=3, reactions={"😄": ("linxia",)}),
            ),
        ),
        Part(
            ago(hours=2, minutes=40),
            (
                Line("wangfang", "小夏，降温了，秋裤穿了没有"),
                Line("wangfang", "不要嫌丑，膝盖是自己的", after=2),
                Line("linjianguo", "你妈说得对。", after=6),
                Line("wangfang", "给你寄了一箱橙子，周四到，记得拿快递", after=25, reactions={"🍊": ("linjianguo",)}),
                Line("linjianguo", "箱子重，让小区保安帮你搬一下。", after=8),
                Line("wangfang", "看到回个话 🌹", after=31),
            ),
        ),
    ),
)

BOOKS = Scene(
    key="books",
    kind="direct",
    creator="linxia",
    members=("papertown",),
    unread={"linxia": 1},
    parts=(
        Part(
            ago(days=5, hours=6),
            (
                Line("linxia", "你好，请问《山中最后一季》还有货吗？"),
                Line("papertown", "您好！有的，简体精装 68 元，还剩 3 本。需要给您留一本吗？", after=7, ref="stock"),
                Line("linxia", "留两本吧，一本送人，麻烦包一下 🎁", after=2, reply="stock"),
                Line(
                    "papertown",
                    "好的，订单已建：\n\n- 《山中最后一季》精装 × 2，**136 元**\n- 礼品包装 × 1，赠送\n- 顺丰到付改包邮，合计 **136 元**\n\n单号 `PT-20418`",
                    after=4,
                    reactions={"🙏": ("linxia",)},
                ),
                Line("linxia", "已付款，谢谢！", after=3, reactions={"❤️": ("papertown",)}),
            ),
        ),
        Part(
            ago(days=3, hours=20),
            (Line("papertown", "您的包裹已发出，预计后天送达。查询：https://papertown.example/t/PT-20418"),),
        ),
        Part(
            ago(hours=3, minutes=15),
            (
                Line("linxia", "书收到了，包装太用心了，朋友一定喜欢"),
                Line(
                    "papertown", "太好了！本周六下午两点店里有作者分享会，凭单号入场，欢迎您和朋友来坐坐 📚", after=18
                ),
            ),
        ),
    ),
)

BUDDIES = Scene(
    key="buddies",
    kind="direct",
    creator="chenyu",
    members=("linxia",),
    parts=(
        Part(
            ago(days=2, hours=11),
            (
                Line("chenyu", "Emily 是你同事？人挺有意思"),
                Line("linxia", "对，做设计的，特别能走，别小看她", after=3),
                Line("chenyu", "那我把线路加长两公里 😏", after=1, reactions={"🙅": ("linxia",)}),
                Line("linxia", "你敢", after=1, reactions={"😂": ("chenyu",)}),
            ),
        ),
        Part(
            ago(hours=7),
            (
                Line("chenyu", "周六拼车的话我开车，能坐四个"),
                Line("linxia", "那太好了，油钱我们 AA", after=16),
                Line("chenyu", "请我吃碗面就行 🍜", after=2, reactions={"👌": ("linxia",)}),
            ),
        ),
    ),
)

XIA_NOTES = Scene(
    key="xia-notes",
    kind="direct",
    creator="linxia",
    members=(),
    parts=(
        Part(
            ago(days=5),
            (
                Line("linxia", "Wi-Fi 访客密码贴在路由器背面（别再问物业了）"),
                Line("linxia", "读到一句：*“慢慢来，比较快。”*", after=1300),
                Line("linxia", "周六清单：\n\n- 登山鞋\n- 充电宝\n- 创可贴\n- 给 Emily 带那本书", after=3900),
            ),
        ),
    ),
)

SCENES = (FAMILY, HIKE, BOOKS, BUDDIES, XIA_NOTES)
