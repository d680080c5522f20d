"""The pages of the chat."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="conversations"), name="home"),
    path("c/", RedirectView.as_view(pattern_name="profile"), name="conversations"),
]
