"""Files from the upload to the recall: stored once, for those who may see them, and gone when they are to be gone."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command

from accounts.models import User
from chat.errors import ErrorCode, ImError
from chat.models import Attachment, Blob, Message
from chat.selectors.attachments import access_attachment, attachment_storage, open_content, storage_used
from chat.selectors.messages import list_messages
from chat.services.attachments import (
    UNSENT_KEPT,
    attachment_describe,
    attachment_discard,
    attachment_upload,
    attachments_sweep,
)
from chat.services.file_names import clean_file_name
from chat.services.media_types import media_type_of
from chat.services.memberships import member_remove
from chat.services.messages import message_edit, message_recall, messages_send
from tests.factories import NOW, make_direct, make_group, make_request, make_upload, make_user, send
from tests.support.at_once import at_once
from tests.support.pictures import photo, picture, png_header

LATER = NOW + UNSENT_KEPT + timedelta(seconds=1)


@pytest.fixture
def alice(db: None) -> User:
    return make_user("alice")


@pytest.fixture
def bob(db: None) -> User:
    return make_user("bob")


@pytest.fixture
def stored(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """The storage's directory, empty."""
    settings.STORAGES = settings.STORAGES | {
        "attachments": {
            "BACKEND": "imsite.durable_storage.DurableStorage",
            "OPTIONS": {"location": tmp_path, "base_url": None},
        }
    }
    yield tmp_path


pytestmark = pytest.mark.usefixtures("stored")


def files(directory: Path) -> int:
    return sum(each.is_file() for each in directory.rglob("*"))


def refusal(code: ErrorCode) -> Any:
    return pytest.raises(ImError, match=f"^{code}$")


class TestUpload:
    def test_file__is_stored_byte_for_byte(self, alice: User, stored: Path) -> None:
        row = make_upload(alice, b"%PDF-1.7 a plan", "plan.pdf")
        found = access_attachment(user_id=alice.pk, attachment=str(row.pk))
        with open_content(found.blob) as file:
            assert file.read() == b"%PDF-1.7 a plan"
        assert (found.name, found.blob.media_type, found.blob.size) == ("plan.pdf", "application/pdf", 15)
        assert files(stored) == 1

    def test_picture__is_encoded_anew(self, alice: User, stored: Path) -> None:
        row = make_upload(alice, photo((400, 200)), "IMG_1.JPG")
        assert (row.blob.width, row.blob.height, row.name) == (200, 400, "IMG_1.JPG")
        with open_content(row.blob) as file:
            assert b"camera" not in file.read()
        assert files(stored) == 2

    @pytest.mark.parametrize(("name", "expected"), [("a.gif", "a.png"), ("a", "a.png"), ("a.PNG", "a.PNG")])
    def test_picture__is_named_as_what_it_is(self, alice: User, name: str, expected: str) -> None:
        assert make_upload(alice, picture(), name).name == expected

    def test_same_id_again__is_the_same_file(self, alice: User, stored: Path) -> None:
        first = make_upload(alice, client_id="u1")
        again, is_new = attachment_upload(
            owner_id=alice.pk, client_id="u1", name="other.txt", source=io.BytesIO(b"a plan"), size=6, now=NOW
        )
        assert (again.pk, again.name, is_new) == (first.pk, "plan.txt", False)
        assert files(stored) == 1

    def test_same_id_with_other_bytes__is_a_conflict(self, alice: User, bob: User) -> None:
        make_upload(alice, client_id="u1")
        with refusal(ErrorCode.CONFLICT):
            make_upload(alice, b"another plan", client_id="u1")
        make_upload(bob, b"another plan", client_id="u1")  # somebody else's ids are their own

    def test_cut_off__can_be_tried_again(self, alice: User, bob: User, stored: Path) -> None:
        """What a crash in the middle leaves is a row without its bytes."""
        row = make_upload(alice, client_id="u1")
        Blob.objects.filter(pk=row.blob_id).update(state=Blob.State.UPLOADING)
        with refusal(ErrorCode.NOT_FOUND):
            access_attachment(user_id=alice.pk, attachment=str(row.pk))
        again = make_upload(alice, client_id="u1")
        assert again.pk == row.pk
        assert access_attachment(user_id=alice.pk, attachment=str(row.pk)).blob_id != row.blob_id
        send(alice, bob, "look", attachments=[str(row.pk)])
        attachments_sweep(now=LATER)
        assert Blob.objects.count() == 1
        assert files(stored) == 1

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", ErrorCode.EMPTY),
            (b"x" * 65_537, ErrorCode.TOO_LARGE),
            (png_header(50_000, 50_000), ErrorCode.TOO_LARGE),
            (b"\xff\xd8\xff nonsense", ErrorCode.BAD_FRAME),
        ],
    )
    def test_what_is_refused__leaves_nothing(
        self, alice: User, stored: Path, settings: Any, content: bytes, code: ErrorCode
    ) -> None:
        settings.IM_UPLOAD_BYTES = 65_536
        with refusal(code):
            make_upload(alice, content, client_id="u1")
        assert (Attachment.objects.count(), Blob.objects.count(), files(stored)) == (0, 0, 0)
        make_upload(alice, b"better", client_id="u1")

    @pytest.mark.parametrize("client_id", ["x" * 65, "\0", "\ud800"])
    def test_ids__are_checked(self, alice: User, client_id: str) -> None:
        with refusal(ErrorCode.BAD_FRAME):
            make_upload(alice, client_id=client_id)

    def test_quota__is_per_user_and_freed(self, alice: User, bob: User, settings: Any) -> None:
        settings.IM_STORAGE_BYTES = 100
        first = make_upload(alice, b"x" * 60)
        with refusal(ErrorCode.STORAGE_FULL):
            make_upload(alice, b"x" * 41)
        make_upload(alice, b"x" * 40)
        make_upload(bob, b"x" * 100)
        assert storage_used(alice.pk) == 100
        attachment_discard(owner_id=alice.pk, attachment=str(first.pk))
        assert storage_used(alice.pk) == 40

    def test_disk_full__is_said_so(self, alice: User, stored: Path, settings: Any) -> None:
        settings.STORAGES = settings.STORAGES | {"attachments": {"BACKEND": "tests.services.test_attachments.FullDisk"}}
        with refusal(ErrorCode.STORAGE_FULL):
            make_upload(alice)
        assert Blob.objects.count() == 0


class FullDisk(FileSystemStorage):
    """Takes nothing."""

    def _save(self, name: str, content: Any) -> str:
        raise OSError(28, "No space left on device")


class TestNames:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("plan.pdf", "plan.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\plan.pdf", "plan.pdf"),
            ("..", "file"),
            ("", "file"),
            (".htaccess", "htaccess"),
            ("a\0b\r\nc\x7f.txt", "a b c.txt"),
            ("gp\u202ejpg.exe", "gp jpg.exe"),
            ("\ud800.txt", "txt"),
            ("计划 2026.docx", "计划 2026.docx"),
            ("e\u0301.txt", "é.txt"),
            ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
            ("x" * 300, "x" * 120),
            (
                '"><img src=x onerror=alert(1)>.png',
                '"><img src=x onerror=alert(1)>.png',
            ),  # is text wherever it is shown
        ],
    )
    def test_any_name__becomes_one_to_show_and_save(self, name: str, expected: str) -> None:
        assert clean_file_name(name) == expected

    @pytest.mark.parametrize(
        ("content", "name", "expected"),
        [
            (b"%PDF-1.7", "holiday.jpg", "application/pdf"),
            (b"<!DOCTYPE html><script>", "plan.txt", "text/html"),
            (b"PK\x03\x04" + b"\0" * 40, "plan.zip", "application/zip"),
            ("你好，世界".encode(), "plan.pdf", "text/plain"),
            ("你好".encode()[:-1], "cut.txt", "text/plain"),
            (b"\x01\x02\x03\xfe\xff and so on", "notes.txt", "application/octet-stream"),
        ],
    )
    def test_types__are_told_by_the_content(self, content: bytes, name: str, expected: str) -> None:
        assert media_type_of(content, name) == expected


class TestSending:
    def test_files__come_with_the_message_in_their_order(self, alice: User, bob: User) -> None:
        rows = [make_upload(alice, picture(), f"{number}.png") for number in (1, 2, 3)]
        attachment_describe(owner_id=alice.pk, attachment=str(rows[0].pk), alt=" A  wall ")
        direct = make_direct(alice, bob)
        send(alice, direct, "", kind="image", attachments=[str(row.pk) for row in reversed(rows)])
        [message] = list_messages(user_id=bob.pk, conversation=str(direct.pk))
        assert message.kind == "image"
        assert message.attachments is not None
        assert [each.name for each in message.attachments] == ["3.png", "2.png", "1.png"]
        last = message.attachments[-1]
        assert (last.kind, last.type, last.width, last.height, last.alt) == ("image", "image/png", 40, 30, "A wall")
        assert last.url == f"/api/v1/attachments/{rows[0].pk}/content/"
        access_attachment(user_id=bob.pk, attachment=last.id)

    @pytest.mark.parametrize(("contents", "kind"), [([picture()], "image"), ([picture(), b"a plan"], "file")])
    def test_text_with_files__is_what_they_are(self, alice: User, bob: User, contents: list[bytes], kind: str) -> None:
        ids = [str(make_upload(alice, content).pk) for content in contents]
        direct = make_direct(alice, bob)
        send(alice, direct, "look", attachments=ids)
        [message] = list_messages(user_id=bob.pk, conversation=str(direct.pk))
        assert (message.kind, message.content) == (kind, "look")

    def test_retry__is_the_same_message(self, alice: User, bob: User) -> None:
        ids = [str(make_upload(alice).pk)]
        first = send(alice, bob, "look", attachments=ids, client_id="m1")
        assert send(alice, bob, "look", attachments=ids, client_id="m1") == first
        with refusal(ErrorCode.CONFLICT):
            send(alice, bob, "look", attachments=[str(make_upload(alice).pk)], client_id="m1")

    def test_what_one_may_not_see__does_not_exist(self, alice: User, bob: User) -> None:
        carol = make_user("carol")
        theirs = str(make_upload(carol).pk)
        group = make_group(carol, alice)
        sent = str(make_upload(carol).pk)
        send(carol, group, "look", attachments=[sent])
        member_remove(actor_id=carol.pk, conversation=str(group.pk), username="alice", now=NOW)
        discarded = make_upload(alice)
        attachment_discard(owner_id=alice.pk, attachment=str(discarded.pk))
        for wrong in (theirs, sent, str(discarded.pk), str(uuid.uuid4()), "nonsense", theirs.upper(), f"{{{theirs}}}"):
            with refusal(ErrorCode.NOT_FOUND):
                send(alice, bob, "look", attachments=[wrong])
        assert not Message.objects.filter(sender=alice).exists()

    def test_too_many__are_refused(self, alice: User, bob: User) -> None:
        ids = [str(uuid.uuid4()) for _ in range(11)]
        with refusal(ErrorCode.TOO_LARGE):
            send(alice, bob, "look", attachments=ids)

    def test_forwarded__is_a_file_of_ones_own_with_the_same_bytes(self, alice: User, bob: User, stored: Path) -> None:
        carol = make_user("carol")
        row = make_upload(alice, b"a plan")
        first = send(alice, bob, "look", attachments=[str(row.pk)])
        send(bob, carol, "look", attachments=[str(row.pk)])
        [copy] = Attachment.objects.filter(owner=bob)
        assert copy.blob_id == row.blob_id
        assert storage_used(bob.pk) == 6
        with refusal(ErrorCode.NOT_FOUND):
            access_attachment(user_id=carol.pk, attachment=str(row.pk))
        message_recall(actor_id=alice.pk, conversation=first.conversation, seq=first.seq, request_id="r1", now=NOW)
        assert storage_used(alice.pk) == 0
        with open_content(access_attachment(user_id=carol.pk, attachment=str(copy.pk)).blob) as file:
            assert file.read() == b"a plan"

    def test_the_same_upload_twice__is_forwarded_the_second_time(self, alice: User, bob: User) -> None:
        row = make_upload(alice)
        for _ in range(2):
            send(alice, bob, "look", attachments=[str(row.pk), str(row.pk)])
        assert Attachment.objects.filter(message=None).count() == 0
        assert Attachment.objects.count() == 2

    @pytest.mark.django_db(transaction=True)
    def test_sent_twice_at_once__each_message_has_it_or_is_refused(self) -> None:
        alice, bob = make_user("alice"), make_user("bob")
        carol = make_user("carol")
        row = make_upload(alice)
        requests = [make_request(alice, to, "look", attachments=[str(row.pk)]) for to in (bob, carol)]
        at_once([partial(messages_send, [request], now=NOW) for request in requests])
        sent = Message.objects.filter(sender=alice)
        assert sent.count() in (1, 2)
        assert all(message.attachments.count() == 1 for message in sent)

    def test_queries__of_plain_messages_are_not_more(
        self, alice: User, bob: User, django_assert_num_queries: Any
    ) -> None:
        direct = make_direct(alice, bob)
        send(alice, direct)
        with django_assert_num_queries(4):
            list_messages(user_id=bob.pk, conversation=str(direct.pk))
        send(alice, direct, "look", attachments=[str(make_upload(alice).pk)])
        send(alice, direct, "look", attachments=[str(make_upload(alice).pk)])
        with django_assert_num_queries(5):
            list_messages(user_id=bob.pk, conversation=str(direct.pk))


class TestGoing:
    def test_recalled__is_gone_for_all(
        self, alice: User, bob: User, stored: Path, django_capture_on_commit_callbacks: Any
    ) -> None:
        row = make_upload(alice, picture())
        ack = send(alice, bob, "look", attachments=[str(row.pk)])
        with django_capture_on_commit_callbacks(execute=True):
            message_recall(actor_id=alice.pk, conversation=ack.conversation, seq=ack.seq, request_id="r1", now=NOW)
        for user in (alice, bob):
            with refusal(ErrorCode.NOT_FOUND):
                access_attachment(user_id=user.pk, attachment=str(row.pk))
            [message] = list_messages(user_id=user.pk, conversation=ack.conversation)
            assert message.attachments is None
        assert (storage_used(alice.pk), Blob.objects.count(), files(stored)) == (0, 0, 0)

    def test_edited__keeps_its_files(self, alice: User, bob: User) -> None:
        ack = send(alice, bob, "look", attachments=[str(make_upload(alice).pk)])
        message_edit(
            actor_id=alice.pk, conversation=ack.conversation, seq=ack.seq, content="Look!", request_id="e1", now=NOW
        )
        [message] = list_messages(user_id=bob.pk, conversation=ack.conversation)
        assert message.content == "Look!"
        assert message.attachments is not None

    def test_never_sent__is_swept_after_a_day(
        self, alice: User, bob: User, stored: Path, django_capture_on_commit_callbacks: Any
    ) -> None:
        make_upload(alice)
        sent = make_upload(alice)
        send(alice, bob, "look", attachments=[str(sent.pk)])
        assert attachments_sweep(now=NOW + UNSENT_KEPT) == 0
        young = make_upload(alice, now=LATER)  # which sweeps, too
        assert set(Attachment.objects.all()) == {sent, young}
        assert files(stored) == 2

    def test_command__sweeps(self, alice: User, capsys: pytest.CaptureFixture[str]) -> None:
        make_upload(alice)
        call_command("sweep_attachments")  # NOW is long ago
        assert "Files deleted: 1" in capsys.readouterr().out

    def test_left_behind_by_a_crash__is_swept(self, alice: User, stored: Path) -> None:
        row = make_upload(alice)
        Attachment.objects.filter(pk=row.pk).delete()
        assert attachments_sweep(now=LATER) == 1
        assert (Blob.objects.count(), files(stored)) == (0, 0)

    def test_lost_bytes__do_not_stop_the_sweep(self, alice: User, stored: Path) -> None:
        row = make_upload(alice)
        attachment_storage().delete(row.blob.content_name)
        assert attachments_sweep(now=LATER) == 1

    def test_others__neither_describe_nor_discard(self, alice: User, bob: User) -> None:
        row = make_upload(alice)
        send(alice, bob, "look", attachments=[str(row.pk)])
        for owner, attachment in ((bob, str(make_upload(alice).pk)), (alice, str(row.pk)), (alice, "nonsense")):
            with refusal(ErrorCode.NOT_FOUND):
                attachment_describe(owner_id=owner.pk, attachment=attachment, alt="x")
            with refusal(ErrorCode.NOT_FOUND):
                attachment_discard(owner_id=owner.pk, attachment=attachment)

    def test_somebody_elses__is_not_found(self, alice: User, bob: User, django_assert_num_queries: Any) -> None:
        row = make_upload(alice)
        with django_assert_num_queries(1), refusal(ErrorCode.NOT_FOUND):
            access_attachment(user_id=bob.pk, attachment=str(row.pk))
