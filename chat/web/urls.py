"""The pages of the chat. Each is a page of its own, and works without JavaScript."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from chat.web import (
    conversation_views,
    forward_views,
    info_views,
    invite_views,
    mention_views,
    message_views,
    new_views,
    notification_views,
    offline_views,
    reading_views,
    search_views,
    switcher_views,
)

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="conversations"), name="home"),
    path("settings/notifications/", notification_views.notifications, name="notifications"),
    path("sw.js", offline_views.worker, name="worker"),
    path("offline/", offline_views.shell, name="offline"),
    path("manifest.webmanifest", offline_views.manifest, name="manifest"),
    path("new/", new_views.new, name="new"),
    path("new/direct/", new_views.new_direct, name="new-direct"),
    path("new/group/", new_views.new_group, name="new-group"),
    path("i/", invite_views.find, name="invite-find"),
    path("i/<str:token>/", invite_views.invite, name="invite"),
    path("names/", switcher_views.names, name="names"),
    path("keys/", reading_views.keys, name="keys"),
    path("search/", search_views.search, name="search"),
    path("c/", conversation_views.conversations, name="conversations"),
    path("c/<str:conversation>/", conversation_views.conversation, name="conversation"),
    path("c/<str:conversation>/rows/", conversation_views.rows, name="rows"),
    path("c/<str:conversation>/names/", mention_views.members, name="members-named"),
    path("c/<str:conversation>/seen/<int:seq>.gif", conversation_views.seen, name="seen"),
    path("c/<str:conversation>/m/<int:seq>/", conversation_views.message, name="message"),
    path("c/<str:conversation>/m/<int:seq>/actions/", message_views.actions, name="message-actions"),
    path("c/<str:conversation>/m/<int:seq>/edit/", message_views.edit, name="message-edit"),
    path("c/<str:conversation>/m/<int:seq>/react/", message_views.react, name="message-react"),
    path("c/<str:conversation>/m/<int:seq>/history/", reading_views.history, name="message-history"),
    path("c/<str:conversation>/m/<int:seq>/reactions/", reading_views.reactions, name="message-reactions"),
    path("c/<str:conversation>/m/<int:seq>/readers/", reading_views.readers, name="message-readers"),
    path("c/<str:conversation>/m/<int:seq>/recall/", message_views.recall, name="message-recall"),
    path("c/<str:conversation>/m/<int:seq>/unread/", message_views.unread, name="message-unread"),
    path("c/<str:conversation>/date/", reading_views.go_to_date, name="go-to-date"),
    path("c/<str:conversation>/forward/", forward_views.forward, name="forward"),
    path("c/<str:conversation>/info/", info_views.info, name="info"),
    path("c/<str:conversation>/settings/", info_views.settings, name="conversation-settings"),
    path("c/<str:conversation>/mentions-only/", notification_views.mentions_only, name="mentions-only"),
    path("c/<str:conversation>/rename/", info_views.rename, name="rename"),
    path("c/<str:conversation>/members/", info_views.add_member, name="member-add"),
    path("c/<str:conversation>/members/<str:username>/", info_views.change_member, name="member-change"),
    path("c/<str:conversation>/invites/", invite_views.invites, name="invites"),
    path("c/<str:conversation>/invites/<uuid:invite>/revoke/", invite_views.revoke, name="invite-revoke"),
    path("c/<str:conversation>/leave/", info_views.leave, name="leave"),
]
