"""The chat itself: what events look like, and what lines do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime

from lian_client.chat.terminal import Terminal
from lian_client.client import Client
from lian_client.connection import State
from lian_client.events import (
    ConversationLeft,
    Event,
    MessageReceived,
    SendFailed,
    Sent,
    StateChanged,
    TypingNoticed,
)
from lian_client.frames import Conversation, Message
from lian_client.ids import new_id
from lian_client.outbox import OutboxFullError
from lian_client.rest import RestError

HELP = """\
/list            your conversations
/open NUMBER     talk in that one, or: /open NAME with this person
/back            leave it
/history         the last messages here
/quit            leave (so does the end of input)
/help            this
Any other line is sent. //text sends /text."""

HISTORY_LINES = 20
#: A pipe has time: for so long its first line waits for the connection, and its last one for what is not acknowledged.
PATIENCE_S = 10.0


class Chat:
    """One client at one terminal."""

    def __init__(
        self,
        client: Client,
        terminal: Terminal,
        read_history: Callable[[str], Awaitable[list[Message]]],
        *,
        receiver: str | None,
    ) -> None:
        """`receiver`: with whom to talk from the beginning."""
        self._read_history = read_history
        self._client = client
        self._terminal = terminal
        self._conversation: str | None = None
        self._receiver = receiver
        self._listed: list[str] = []
        self._sent_to: dict[str, str] = {}  # by the id of a message, to whom it went while no conversation was known
        self._greeted = asyncio.Event()
        self._is_away = False

    async def run(self) -> int:
        """Until the input ends, /quit, or the server sends us away; the exit status."""
        listening = asyncio.create_task(self._listen())
        typing = asyncio.create_task(self._type())
        done, _ = await asyncio.wait([listening, typing], return_when=asyncio.FIRST_COMPLETED)
        for task in (listening, typing):
            task.cancel()
        await asyncio.gather(listening, typing, return_exceptions=True)
        for task in done:
            task.result()
        return 0 if typing in done else 1

    # --- what happens ----------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        async for event in self._client.events():
            if isinstance(event, StateChanged) and event.state is State.LIVE and not self._greeted.is_set():
                self._is_away = False
                await self._greet()
                self._greeted.set()
            else:
                self._show(event)

    def _show(self, event: Event) -> None:
        say = self._terminal.say
        match event:
            case StateChanged(state=State.LIVE) if self._is_away:
                self._is_away = False
                say("-- connected again")
            case StateChanged(state=State.WAITING) if not self._is_away:
                self._is_away = True
                say("-- no connection; it is tried again and again, and what you write waits")
            case StateChanged(state=State.STOPPED, code=code, reason=reason) if code != 1000:
                say(f"-- the server ended it: {code} {reason}")
            case MessageReceived(message, is_new, is_history):
                if is_new and not is_history:
                    self._show_message(message)
            case ConversationLeft(conversation) if conversation == self._conversation:
                say("-- you are no longer a member")
                self._conversation = None
            case Sent(ack):
                receiver = self._sent_to.pop(ack.id, None)
                if receiver is not None and receiver == self._receiver and self._conversation is None:
                    self._conversation = ack.conversation  # the first message has made it
            case SendFailed(draft=draft, detail=detail):
                say(f"!! not sent: {detail} ({draft.content[:40]})")
            case TypingNoticed(typing) if typing.conversation == self._conversation and self._terminal.is_interactive:
                say(f"-- {typing.sender} is writing")

    async def _greet(self) -> None:
        user = self._client.user
        assert user is not None
        if self._terminal.is_interactive:
            self._terminal.say(f"You are {user.name or user.username}. /help says what there is.")
        if self._receiver is not None:
            await self._open(self._receiver)
        elif self._terminal.is_interactive:
            self._list()

    def _show_message(self, message: Message) -> None:
        is_mine = message.sender == self._client.store.me
        if message.conversation == self._conversation:
            if not is_mine or not self._terminal.is_interactive:  # at a terminal it stands there already
                self._terminal.say(_line(message, self._client.store.me))
            self._client.read(message.conversation, message.seq)
        elif not is_mine and self._terminal.is_interactive:
            conversation = self._client.store.conversation(message.conversation)
            title = conversation.title if conversation is not None else "?"
            self._terminal.say(f"[{title}] {_line(message, self._client.store.me)}")

    # --- what is typed ---------------------------------------------------------------------------------------------

    async def _type(self) -> None:
        if not self._terminal.is_interactive:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await self._greeted.wait()
        async for line in self._terminal.lines():
            command, _, argument = line.strip().partition(" ")
            match command:
                case "":
                    pass
                case "/quit" | "/exit":
                    return
                case "/help" | "/?":
                    self._terminal.say(HELP)
                case "/list":
                    self._list()
                case "/open":
                    await self._open(argument.strip())
                case "/back":
                    self._conversation = self._receiver = None
                    self._list()
                case "/history":
                    await self._history()
                case _ if command.startswith("/") and not command.startswith("//"):
                    self._terminal.say(f"There is no {command}. /help says what there is.")
                case _:
                    await self._send(line.removeprefix("/") if line.startswith("//") else line)
        await self._farewell()

    async def _send(self, text: str) -> None:
        try:
            if self._conversation is not None:
                await self._client.send(text, conversation=self._conversation)
            elif self._receiver is not None:
                id = new_id()
                self._sent_to[id] = self._receiver
                await self._client.send(text, receiver=self._receiver, id=id)
            else:
                self._terminal.say("To whom? /list, then /open NUMBER, or /open NAME.")
        except OutboxFullError:
            self._terminal.say("!! too much waits to be sent; this was not taken")

    async def _farewell(self) -> None:
        """The end of a pipe: what it said goes out first."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                await self._client.all_sent()
        if self._client.unsent:
            self._terminal.say(f"-- {self._client.unsent} not sent yet; they go out the next time")

    def _list(self) -> None:
        conversations = self._client.store.conversations()
        self._listed = [conversation.conversation for conversation in conversations]
        for number, conversation in enumerate(conversations, start=1):
            self._terminal.say(_entry(number, conversation, self._client.store.me))
        if not conversations:
            self._terminal.say("No conversations yet. /open NAME begins one.")

    async def _open(self, whom: str) -> None:
        if whom.isdecimal() and 0 < int(whom) <= len(self._listed):
            self._conversation, self._receiver = self._listed[int(whom) - 1], None
        elif whom:
            self._conversation, self._receiver = self._client.store.direct_with(whom), whom
        else:
            self._terminal.say("Which one? /open NUMBER or /open NAME.")
            return
        conversation = self._client.store.conversation(self._conversation or "")
        if self._terminal.is_interactive:
            self._terminal.say(f"== {conversation.title if conversation is not None else whom}")
            await self._history()

    async def _history(self) -> None:
        if self._conversation is None:
            return
        try:
            messages = await self._read_history(self._conversation)
        except RestError as error:
            messages = self._client.store.messages(self._conversation)
            self._terminal.say(f"-- only what is here: {error.detail}")
        for message in messages[-HISTORY_LINES:]:
            self._terminal.say(_line(message, self._client.store.me))
        if messages:
            self._client.read(self._conversation, messages[-1].seq)


def _line(message: Message, me: str) -> str:
    """`14:05 bob: text`, with what became of it."""
    time = datetime.fromtimestamp(message.timestamp / 1000).astimezone().strftime("%H:%M")
    who = "you" if message.sender == me else message.sender
    if message.kind == "system":
        payload = message.payload or {}
        return f"{time} -- {payload.get('event', '')} {payload.get('subject', '')} ({payload.get('actor', who)})"
    text = "(recalled)" if message.recalled_at is not None else message.content or f"({message.kind})"
    edited = " (edited)" if message.edited_at is not None and message.recalled_at is None else ""
    reactions = "".join(f" {emoji}{len(users)}" for emoji, users in (message.reactions or {}).items())
    # Indented, so that a line in a message cannot look like a message.
    return f"{time} {who}: {text}{edited}{reactions}".replace("\n", "\n        ")


def _entry(number: int, conversation: Conversation, me: str) -> str:
    unread = f" ({conversation.unread} unread)" if conversation.unread else ""
    last = conversation.last_message
    preview = f"  {_line(last, me)[:60]}".replace("\n", " ") if last is not None else ""
    return f"{number:3}. {conversation.title}{unread}{preview}"
