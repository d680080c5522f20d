"""Plays the demo: people through `accounts.services`, the rest through `chat.services`, at the times it happened.

So the demo obeys every rule that real use obeys, and `verify_log` finds nothing in it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from accounts import services as people
from accounts.models import User
from chat.management.demo import life, work
from chat.management.demo.contacts import befriend
from chat.management.demo.people import ADMIN_USERNAME, PEOPLE
from chat.management.demo.pictures import FILES
from chat.management.demo.script import Line, Scene
from chat.models import Conversation
from chat.services import attachments, conversations, group_profile, memberships, messages, pins, receipts

#: How long after a message somebody changes it or reacts to it.
REACTION_TIME = timedelta(seconds=40)
MEMBERS_SINCE = timedelta(days=30)
MUTED_FOR = timedelta(days=365)
#: What a message with a file is, by the end of the file's name.
KINDS = {"jpg": "image", "png": "image", "pdf": "file"}


@transaction.atomic
def build_demo(*, now: datetime, password: str) -> None:
    """Create everything, or nothing when it is interrupted. The database must hold no people yet."""
    ids = _create_people(now=now, password=password)
    stages = [_Stage(scene, ids, now) for scene in (*work.SCENES, *life.SCENES)]
    # All conversations side by side, as they went on: what is newer has the higher row ids here too.
    turns: list[tuple[timedelta, _Stage, Line | None]] = [(stage.scene.begins, stage, None) for stage in stages]
    turns += [(ago, stage, line) for stage in stages for ago, line in stage.scene.timed_lines()]
    for ago, stage, line in sorted(turns, key=lambda turn: turn[0], reverse=True):
        if line is None:
            stage.open(at=now - ago)
        else:
            stage.say(line, at=now - ago)
    for stage in stages:
        stage.settle()
    befriend(ids, now=now)


def _create_people(*, now: datetime, password: str) -> dict[str, int]:
    """Everybody, and the admin; user ids by username."""
    ids = {}
    for person in PEOPLE:
        user = people.user_create(
            username=person.username, password=password, name=person.name, language=person.language
        )
        ids[person.username] = user.pk
    admin = people.user_create(username=ADMIN_USERNAME, password=password, name="Admin")
    admin.is_staff = admin.is_superuser = True
    admin.save(update_fields=["is_staff", "is_superuser"])
    # No service makes accounts of the past; when somebody joined is no part of any log.
    User.objects.update(date_joined=now - MEMBERS_SINCE)
    return ids


@dataclass
class _Stage:
    """A scene being played."""

    scene: Scene
    ids: Mapping[str, int]
    now: datetime
    conversation: str = ""  # its wire id, once it is open
    lines_said: int = 0
    seqs: dict[str, int] = field(default_factory=dict)  # of the lines that have a name

    def open(self, *, at: datetime) -> None:
        """Create the conversation."""
        scene = self.scene
        creator_id = self.ids[scene.creator]
        if scene.kind == Conversation.Kind.DIRECT:
            other = scene.members[0] if scene.members else scene.creator
            conversation, _ = conversations.direct_get_or_create(user_id=creator_id, username=other, now=at)
        else:
            conversation = conversations.group_create(
                creator_id=creator_id, kind=scene.kind, title=scene.title, usernames=scene.members, now=at
            )
        self.conversation = str(conversation.pk)
        for username in scene.admins:
            memberships.member_set_role(
                actor_id=creator_id, conversation=self.conversation, username=username, role="admin", now=at
            )
        if scene.description:
            group_profile.group_describe(
                actor_id=creator_id, conversation=self.conversation, description=scene.description, now=at
            )
        if scene.picture:
            group_profile.group_set_picture(
                actor_id=creator_id, conversation=self.conversation, picture=io.BytesIO(FILES[scene.picture]()), now=at
            )

    def say(self, line: Line, *, at: datetime) -> None:
        """Send one line, and do to it what was done to it."""
        self.lines_said += 1
        client_id = f"demo-{self.scene.key}-{self.lines_said}"
        sender_id = self.ids[line.who]
        request = messages.SendRequest(
            sender_id=sender_id,
            client_id=client_id,
            conversation=self.conversation,
            content=line.before_edit or line.text,
            kind=KINDS.get(line.file.rpartition(".")[2], "text"),
            attachments=[self._upload(line, client_id, at=at)] if line.file else None,
            reply_to=self.seqs[line.reply] if line.reply else None,
            mentions=list(line.mentions) or None,
        )
        seq = messages.message_send(request, now=at).ack.seq
        if line.ref:
            self.seqs[line.ref] = seq
        later = at + REACTION_TIME
        if line.before_edit:
            messages.message_edit(
                actor_id=sender_id,
                conversation=self.conversation,
                seq=seq,
                content=line.text,
                request_id=f"{client_id}-edit",
                now=later,
            )
        if line.recalled:
            messages.message_recall(
                actor_id=sender_id,
                conversation=self.conversation,
                seq=seq,
                request_id=f"{client_id}-recall",
                now=later,
            )
        if line.pinned:
            pins.message_pin(
                actor_id=self.ids[self.scene.creator],
                conversation=self.conversation,
                seq=seq,
                pinned=True,
                request_id=f"{client_id}-pin",
                now=later,
            )
        for emoji, usernames in line.reactions.items():
            for username in usernames:
                messages.message_react(
                    actor_id=self.ids[username],
                    conversation=self.conversation,
                    seq=seq,
                    emoji=emoji,
                    remove=False,
                    request_id=f"{client_id}-{username}",
                    now=later,
                )

    def _upload(self, line: Line, client_id: str, *, at: datetime) -> str:
        """The id of the line's file."""
        owner_id = self.ids[line.who]
        content = FILES[line.file]()
        row, _ = attachments.attachment_upload(
            owner_id=owner_id,
            client_id=f"{client_id}-file",
            name=line.file,
            source=io.BytesIO(content),
            size=len(content),
            now=at,
        )
        if line.alt:
            attachments.attachment_describe(owner_id=owner_id, attachment=str(row.pk), alt=line.alt)
        return str(row.pk)

    def settle(self) -> None:
        """Who has read how far, and how the members keep the conversation."""
        scene = self.scene
        last_seq = Conversation.objects.get(pk=int(self.conversation)).last_seq
        for username in (scene.creator, *scene.members):
            user_id = self.ids[username]
            read = last_seq - scene.unread.get(username, 0)
            received = last_seq - scene.unseen.get(username, 0)
            receipts.read_advance(user_id=user_id, conversation=self.conversation, seq=read, now=self.now)
            receipts.received_advance(user_id=user_id, conversation=self.conversation, seq=received, now=self.now)
            conversations.conversation_settings_update(
                user_id=user_id,
                conversation=self.conversation,
                pinned=username in scene.pinned_by,
                muted_until=self.now + MUTED_FOR if username in scene.muted_by else None,
                archived=username in scene.archived_by,
                now=self.now,
            )
