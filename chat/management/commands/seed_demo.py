"""A living first start: demo people and conversations on an empty database, and how to sign in to them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from chat.management.demo import sign_in
from chat.management.demo.build import build_demo
from chat.management.demo.people import ADMIN_USERNAME, PEOPLE, STARS


class Command(BaseCommand):
    """See the module."""

    help = "Create demo people and conversations on an empty database, and say how to sign in. Development only."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="do nothing, instead of failing, when there are people already or this is no development server",
        )

    def handle(self, *args: Any, if_empty: bool, **options: Any) -> None:
        if not settings.IM_DEMO:
            if if_empty:
                return
            raise CommandError("Demo data is for development: it needs DEBUG.")
        if not User.objects.exists():
            self.stdout.write("Creating demo people and conversations ...")
            build_demo(now=timezone.now(), password=sign_in.make_password())
        elif not if_empty:
            raise CommandError("The database is not empty. Demo data is only made on an empty one.")
        self.stdout.write(boxed(self.sign_in_lines()))

    def sign_in_lines(self) -> list[str]:
        """The address; with the demo in the database also who to be there."""
        address = sign_in.site_address()
        lines = [f"Open      {address}/"]
        password = sign_in.read_password()
        star = User.objects.filter(username=STARS[0]).first()
        if password is None or star is None or not star.check_password(password):
            return lines
        others = [person.username for person in PEOPLE if person.username not in STARS]
        return [
            *lines,
            f"Sign in   {' or '.join(STARS)} (a second browser for the second one)",
            f"Password  {password}",
            f"Others    {', '.join(others[:5])},",
            f"          {', '.join(others[5:])}: the same password",
            f"Admin     {address}/admin/ as {ADMIN_USERNAME}, the same password",
        ]


def boxed(lines: list[str]) -> str:
    """`lines` in a frame that every terminal can draw."""
    width = max(map(len, lines))
    edge = f"+-{'-' * width}-+"
    return "\n".join(["", edge, *(f"| {line:<{width}} |" for line in lines), edge, ""])
