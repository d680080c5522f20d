"""The pages about oneself."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from accounts import views

urlpatterns = [
    path("signup", views.sign_up, name="signup"),
    path("signin", views.sign_in, name="signin"),
    path("signout", views.sign_out, name="signout"),
    path("language", views.set_language, name="language"),
    path("settings/", RedirectView.as_view(pattern_name="profile"), name="settings"),
    path("settings/profile/", views.profile, name="profile"),
    path("settings/appearance/", views.appearance, name="appearance"),
    path("settings/language/", views.language, name="language-settings"),
    path("settings/privacy/", views.privacy, name="privacy"),
    path("settings/password/", views.password, name="password"),
    path("settings/devices/", views.devices, name="devices"),
    path("settings/devices/others/revoke/", views.devices_revoke_others, name="devices-revoke-others"),
    path("settings/devices/<int:pk>/revoke/", views.device_revoke, name="device-revoke"),
]
