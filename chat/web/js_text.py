"""What the pages' script says, in the reader's language. It has no words of its own: they come in the page as JSON.

Placeholders are in braces. A plural has the forms that `Intl.PluralRules` names.
"""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

SENTENCES: dict[str, Promise] = {
    "conn_connecting": _("Connecting…"),
    "conn_updating": _("Updating…"),
    "conn_polling": _("Limited network: messages work, typing and online status do not."),
    "conn_reconnecting": _("Connection lost."),
    "conn_offline": _("You are offline. What you write is sent when you are back."),
    "conn_signed_out": _("You were signed out. Your unsent text is kept."),
    "conn_stopped": _("The connection was refused. Try again, or reload the page."),
    "not_now": pgettext_lazy("to a question", "Not now"),
    "notify_ask": _("Shall this browser show you new messages while you look elsewhere?"),
    "notify_allow": _("Turn on"),
    "notify_hidden": _("New message"),
    "reload": _("Reload"),
    "update_ready": _("There is a new version of this page. What you are writing is kept."),
    "back_online": _("The connection is back. Reload to see what is new; what you are writing is kept."),
    "kept_from": _("You see what this device kept: {when}. What came since is not here yet."),
    "pin_full": _("Too much is pinned here. Take something down first."),
    "pin_forbidden": _("You may not do this here."),
    "tick_queued": _("Waiting to be sent"),
    "tick_sending": _("Sending"),
    "tick_sent": _("Sent"),
    "tick_delivered": _("Delivered"),
    "tick_read": _("Read"),
    "tick_failed": _("Not sent"),
    "failed_gave_up": _("Not sent."),
    "failed_stale": _("Not sent since {when}. Send it now?"),
    "failed_refused": _("Not sent. {detail}"),
    "failed_muted": _("Not sent: you may not write here at the moment."),
    "failed_blocked": _("Not sent: this person does not take messages from you."),
    "failed_not_found": _("Not sent: you are no longer in this conversation."),
    "failed_forbidden": _("Not sent: you may not write here."),
    "failed_too_large": _("Not sent: the message is too long."),
    "failed_empty": _("Not sent: there is nothing to send."),
    "failed_conflict": _("Not sent: something else was sent under the same id."),
    "failed_files_lost": _("Not sent: the page was left before the files were uploaded. Choose them again."),
    "uploading": _("Uploading {done} of {total}"),
    "upload_waiting": _("Waiting for the connection"),
    "upload_percent": _("{percent} %"),
    "upload_ready": _("Ready"),
    "upload_failed": _("The file could not be uploaded."),
    "upload_too_large": _("A file has {size} at most."),
    "upload_empty": _("The file is empty."),
    "upload_bad_frame": _("The picture cannot be read."),
    "upload_storage_full": _("Your files take up all the room that you have."),
    "files_max": _("A message carries {count} files at most."),
    "file_remove": _("Remove {name}"),
    "file_retry": _("Try again: {name}"),
    "picture_describe": _("Description of {name}"),
    "picture_alt": _("Picture {name}"),
    "picture_count": _("{number} of {total}"),
    "recalled_you": _("You recalled a message"),
    "recalled_other": _("{name} recalled a message"),
    "you": _("You"),
    "bubble_label": _("{name}, {time}"),
    "edited": _("edited"),
    "preview_named": _("{name}: {text}"),
    "preview_you": _("You: {text}"),
    "preview_failed": _("Not sent: {text}"),
    "preview_empty": _("Nothing here yet"),
    "preview_image": _("[Photo]"),
    "preview_file": _("[File]"),
    "preview_voice": _("[Voice message]"),
    "preview_card": _("[Card]"),
    "draft_preview": _("Draft: {text}"),
    "saved_messages": _("Saved messages"),
    "typing_one": _("{name} is typing…"),
    "typing_two": _("{name} and {other} are typing…"),
    "typing_many": _("Several people are typing…"),
    "typing_preview": _("typing…"),
    "presence_online": _("Online"),
    "presence_away": _("Away"),
    "presence_offline": _("Offline"),
    "presence_last_seen": _("Last seen {when}"),
    "time_just_now": _("just now"),
    "announce_message": _("{name}: {text}"),
    "composer_replying": _("Reply to {name}"),
    "composer_editing": _("Editing your message"),
    "action_failed": _("That did not work: {detail}"),
    "scheduled_done": _("It will be sent at that time."),
    "action_offline": _("That did not work: there is no connection."),
    "mention_all": _("Everybody"),
    "copied": _("Copied"),
    "link_copied": _("Link copied"),
    "recall_expired": _("It is too late to recall this message."),
    "reaction_label": _("{emoji}: {names}"),
    "show_more": _("Show more"),
    "show_less": _("Show less"),
    "no_mentions": _("No unread message mentions you."),
}

PLURALS: dict[str, Promise] = {
    "conn_countdown": ngettext_lazy("Trying again in {count} second.", "Trying again in {count} seconds.", "count"),
    "read_by": ngettext_lazy("Read by {count}", "Read by {count}", "count"),
    "time_minutes": ngettext_lazy("{count} minute ago", "{count} minutes ago", "count"),
    "unread_count": ngettext_lazy("unread message", "unread messages", "count"),
    "new_above": ngettext_lazy("{count} new message above", "{count} new messages above", "count"),
    "latest_count": ngettext_lazy("Latest messages, {count} new", "Latest messages, {count} new", "count"),
    "announce_many": ngettext_lazy("{count} new message from {names}", "{count} new messages from {names}", "count"),
    "contacts_waiting": ngettext_lazy("Contacts, {count} request", "Contacts, {count} requests", "count"),
    "drop_ask": ngettext_lazy("Send {count} file to {name}?", "Send {count} files to {name}?", "count"),
    "selected": ngettext_lazy("{count} selected", "{count} selected", "count"),
    "forward_max": ngettext_lazy(
        "You can forward {count} message at once.", "You can forward {count} messages at once.", "count"
    ),
    "recall_ask": ngettext_lazy(
        "Recall {count} message for everybody?", "Recall {count} messages for everybody?", "count"
    ),
    "recall_failed": ngettext_lazy(
        "{count} message could not be recalled.", "{count} messages could not be recalled.", "count"
    ),
    "mention_all_count": ngettext_lazy("{count} person", "{count} people", "count"),
    "mention_all_ask": ngettext_lazy(
        "This calls {count} person. Send it?", "This calls {count} people. Send it?", "count"
    ),
    "system_changes": ngettext_lazy("{count} change", "{count} changes", "count"),
    "show_lines": ngettext_lazy("Show all {count} lines", "Show all {count} lines", "count"),
    "scheduled_count": ngettext_lazy("{count} scheduled message", "{count} scheduled messages", "count"),
    "mentions_left": ngettext_lazy("{count} message mentions you", "{count} messages mention you", "count"),
    "composer_too_long": ngettext_lazy("{count} character too long", "{count} characters too long", "count"),
    "composer_left": ngettext_lazy("{count} character left", "{count} characters left", "count"),
}


def js_text() -> dict[str, Any]:
    """Every sentence by key, in the active language."""
    plurals = {
        key: {"one": str(forms % {"count": 1}), "other": str(forms % {"count": 2})} for key, forms in PLURALS.items()
    }
    return {key: str(sentence) for key, sentence in SENTENCES.items()} | plurals
