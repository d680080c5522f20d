"""The people of the demo."""

from __future__ import annotations

from chat.management.demo.script import Person

PEOPLE = (
    Person("linxia", "林夏", "zh-hans"),
    Person("mara", "Mara Okafor", "en"),
    Person("zhouwei", "周伟", "zh-hans"),
    Person("emily", "Emily Hart", "en"),
    Person("chenyu", "陈宇", "zh-hans"),
    Person("tomas", "Tomás Rivera", "en"),
    Person("wangfang", "王芳", "zh-hans"),
    Person("linjianguo", "林建国", "zh-hans"),
    Person("papertown", "纸镇书店 Papertown", "zh-hans"),
    Person("skylark_ci", "Skylark CI", "en"),
)

#: The two whose inboxes hold the most: who to sign in as first, in two browsers.
STARS = ("linxia", "mara")

ADMIN_USERNAME = "admin"
