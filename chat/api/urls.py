"""The routes of `/api/` (PROTOCOL §7). Every path ends in a slash, save those of files."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from chat.api.views import attachments, conversations, drafts, groups, invites, messages, people, relations, scheduled
from chat.api.views.docs import AsyncApiView, DocsView, ProtoView, SchemaView
from chat.api.views.missing import MissingView
from chat.api.views.search import SearchView
from chat.api.views.sync import SyncView

app_name = "api"

v1: list[URLPattern | URLResolver] = [
    path("accounts/", people.AccountsView.as_view(), name="accounts"),
    path("tokens/", people.TokensView.as_view(), name="tokens"),
    path("tokens/current/", people.CurrentTokenView.as_view(), name="current-token"),
    path("devices/", people.DevicesView.as_view(), name="devices"),
    # A client may have chosen any id, slashes too.
    path("devices/<path:device>/", people.DeviceView.as_view(), name="device"),
    path("me/", people.MeView.as_view(), name="me"),
    path("me/avatar/", people.AvatarView.as_view(), name="avatar"),
    path("users/", people.UsersView.as_view(), name="users"),
    path("blocks/", relations.BlocksView.as_view(), name="blocks"),
    path("blocks/<str:username>/", relations.BlockView.as_view(), name="block"),
    path("contacts/", relations.ContactsView.as_view(), name="contacts"),
    path("contacts/<str:username>/", relations.ContactView.as_view(), name="contact"),
    path("contact-requests/", relations.RequestsView.as_view(), name="contact-requests"),
    path("contact-requests/<str:username>/", relations.RequestView.as_view(), name="contact-request"),
    path(
        "contact-requests/<str:username>/accept/", relations.AcceptRequestView.as_view(), name="contact-request-accept"
    ),
    path(
        "contact-requests/<str:username>/ignore/", relations.IgnoreRequestView.as_view(), name="contact-request-ignore"
    ),
    path("conversations/", conversations.ConversationsView.as_view(), name="conversations"),
    path("conversations/<str:conversation>/", conversations.ConversationView.as_view(), name="conversation"),
    path("conversations/<str:conversation>/members/", conversations.MembersView.as_view(), name="members"),
    path(
        "conversations/<str:conversation>/members/<str:username>/",
        conversations.MemberView.as_view(),
        name="member",
    ),
    path("conversations/<str:conversation>/invites/", invites.InvitesView.as_view(), name="invites"),
    path("conversations/<str:conversation>/invites/<uuid:invite>/", invites.InviteView.as_view(), name="invite"),
    path("invites/<str:token>/", invites.InvitationView.as_view(), name="invitation"),
    path("invites/<str:token>/accept/", invites.AcceptView.as_view(), name="invitation-accept"),
    path("invites/<str:token>/request/", groups.OwnRequestView.as_view(), name="own-request"),
    path("conversations/<str:conversation>/requests/", groups.RequestsView.as_view(), name="requests"),
    path("conversations/<str:conversation>/requests/<str:username>/", groups.RequestView.as_view(), name="request"),
    path("conversations/<str:conversation>/avatar/", groups.GroupAvatarView.as_view(), name="group-avatar"),
    path("conversations/<str:conversation>/pins/", groups.PinsView.as_view(), name="pins"),
    path("conversations/<str:conversation>/shared/", groups.SharedView.as_view(), name="shared"),
    path("conversations/<str:conversation>/messages/<int:seq>/pin/", groups.PinView.as_view(), name="pin"),
    path("conversations/<str:conversation>/messages/", messages.MessagesView.as_view(), name="messages"),
    path("conversations/<str:conversation>/messages/<int:seq>/", messages.MessageView.as_view(), name="message"),
    path(
        "conversations/<str:conversation>/messages/<int:seq>/reactions/<str:emoji>/",
        messages.ReactionView.as_view(),
        name="reaction",
    ),
    path(
        "conversations/<str:conversation>/messages/<int:seq>/history/",
        messages.HistoryView.as_view(),
        name="history",
    ),
    path("mentions/", messages.MentionsView.as_view(), name="mentions"),
    path("drafts/", drafts.DraftsView.as_view(), name="drafts"),
    path("scheduled/", scheduled.AllScheduledView.as_view(), name="all-scheduled"),
    path("scheduled/<str:scheduled>/", scheduled.ScheduledView.as_view(), name="scheduled"),
    path("scheduled/<str:scheduled>/send/", scheduled.SendScheduledView.as_view(), name="scheduled-send"),
    path("conversations/<str:conversation>/scheduled/", scheduled.ScheduleView.as_view(), name="schedule"),
    path("conversations/<str:conversation>/draft/", drafts.DraftView.as_view(), name="draft"),
    path("conversations/<str:conversation>/read/", conversations.ReadView.as_view(), name="read"),
    path("conversations/<str:conversation>/unread/", conversations.UnreadView.as_view(), name="unread"),
    path("conversations/<str:conversation>/received/", conversations.ReceivedView.as_view(), name="received"),
    path("attachments/", attachments.AttachmentsView.as_view(), name="attachments"),
    path("attachments/<str:attachment>/", attachments.AttachmentView.as_view(), name="attachment"),
    path("attachments/<str:attachment>/content/", attachments.ContentView.as_view(), name="attachment-content"),
    path("attachments/<str:attachment>/thumbnail/", attachments.ThumbnailView.as_view(), name="attachment-thumbnail"),
    path("search/", SearchView.as_view(), name="search"),
    path("sync/", SyncView.as_view(), name="sync"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include(v1)),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("asyncapi.json", AsyncApiView.as_view(), name="asyncapi"),
    path("im.proto", ProtoView.as_view(), name="proto"),
    path("docs/", DocsView.as_view(), name="docs"),
    # Whatever else begins with /api/ is answered in the API's own way.
    re_path(r"", MissingView.as_view(), name="missing"),
]
