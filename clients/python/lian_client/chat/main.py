"""`lian-chat`: signs in, connects, and hands over to the chat."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sqlite3
import sys
from functools import partial
from urllib.parse import urlsplit

from lian_client.chat.account import Account, AccountFile
from lian_client.chat.session import Chat
from lian_client.chat.terminal import Terminal
from lian_client.client import Client
from lian_client.codes import CloseCode
from lian_client.rest import RestError, history, sign_in
from lian_client.storage import FileStorage

EPILOG = """\
The password is asked for, or taken from LIAN_PASSWORD; then a token is kept for the next time.
In a pipe, each line is a message: echo "The build is done." | lian-chat --user ci --to alice
"""


def main() -> None:
    """The command."""
    options = _parser().parse_args()
    try:
        status = asyncio.run(_run(options))
    except KeyboardInterrupt:
        status = 130
    except RestError as error:
        sys.stderr.write(f"{error.detail}\n")
        status = 1
    except sqlite3.OperationalError:
        sys.stderr.write("Another lian-chat of this account is running.\n")
        status = 1
    sys.stdout.flush()
    os._exit(status)  # the thread that waits for a line cannot be asked to stop waiting


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("lian-chat", description="Chat in the terminal.", epilog=EPILOG)
    parser.add_argument("--site", default="http://127.0.0.1:8000", help="where Lian is (%(default)s)")
    parser.add_argument("--user", required=True, help="your username")
    parser.add_argument("--to", metavar="NAME", help="with whom to talk from the beginning")
    parser.add_argument("--token", help="instead of a password: a token made for this device, with --device")
    parser.add_argument("--device", help="the id of the device that the token was made for")
    parser.add_argument("--url", help="connect there instead of to the site's WebSocket, for example tcp://HOST:9100")
    parser.add_argument("--codec", choices=("json", "protobuf"), default="json")
    return parser


async def _run(options: argparse.Namespace) -> int:
    files = AccountFile(options.site, options.user)
    account = files.load()
    if options.token is not None:
        account.token = options.token
        if options.device is not None:
            account.device = type(account.device)(id=options.device, platform=account.device.platform)
    if account.token is None:
        await _sign_in(options.site, account)
    files.save(account)
    assert account.token is not None
    client = Client(
        options.url or _socket_url(options.site),
        token=account.token,
        device=account.device,
        codec=options.codec,
        storage=FileStorage(files.storage),
    )
    async with client:
        read_history = partial(history, options.site, account.token)
        status = await Chat(client, Terminal(), read_history, receiver=options.to).run()
    if client.close_code in (CloseCode.UNAUTHENTICATED, CloseCode.FORBIDDEN):
        account.token = None
        files.save(account)
        sys.stderr.write("You are signed out. Start again to sign in.\n")
    return status


async def _sign_in(site: str, account: Account) -> None:
    password = os.environ.get("LIAN_PASSWORD")
    if password is None:
        password = await asyncio.to_thread(getpass.getpass, f"Password of {account.username}: ")
    account.token = (await sign_in(site, account.username, password, account.device)).token


def _socket_url(site: str) -> str:
    parts = urlsplit(site)
    return f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}{parts.path.rstrip('/')}/ws/"
