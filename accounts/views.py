"""Pages about oneself: signing up, in and out, and the settings.

Complete without JavaScript. Every change goes through accounts.services.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import browser_sessions, selectors, services
from accounts.forms import (
    AppearanceForm,
    ChoicesForm,
    LanguageForm,
    PasswordForm,
    PrivacyForm,
    ProfileForm,
    SignInForm,
    SignUpForm,
)
from accounts.requests import SignedInRequest
from accounts.settings_page import settings_page

LANGUAGE_COOKIE_AGE_S = 365 * 24 * 3600


@sensitive_post_parameters("password")
@never_cache
def sign_up(request: HttpRequest) -> HttpResponse:
    """A new account, signed in at once."""
    if request.user.is_authenticated:
        return redirect(_next_url(request))
    form = SignUpForm(request.POST or None, request=request)
    if settings.IM_SIGNUP and request.method == "POST" and form.is_valid():
        try:
            user = services.user_create(**form.cleaned_data)
        except ValidationError as error:
            form.add_errors(error)
        else:
            login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
            return redirect(_next_url(request))
    return _door(request, "accounts/signup.html", form)


@sensitive_post_parameters("password")
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in, and go on to where the visitor was going."""
    if request.user.is_authenticated:
        return redirect(_next_url(request))
    form = SignInForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        login(request, form.user)
        return redirect(_next_url(request))
    return _door(request, "accounts/signin.html", form)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this browser's session."""
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Speak another language, here and (when signed in) on every other browser; then back to the same page."""
    language = request.POST.get("language", "")
    response = redirect(_next_url(request))
    if language in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            services.user_update(user=request.user, language=language)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=LANGUAGE_COOKIE_AGE_S,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return response


@login_required
def profile(request: SignedInRequest) -> HttpResponse:
    """Name, picture and e-mail."""
    form = ProfileForm(request.POST or None, request.FILES or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            services.user_update(user=request.user, **form.changes())
        except ValidationError as error:
            form.add_errors(error)
            request.user.refresh_from_db()
        else:
            messages.success(request, _("Saved."))
            return redirect("profile")
    return settings_page(request, "accounts/profile.html", form=form)


@login_required
def appearance(request: SignedInRequest) -> HttpResponse:
    """Theme, density, the size of text, and what Enter does."""
    return _choices(request, AppearanceForm, "appearance")


@login_required
def language(request: SignedInRequest) -> HttpResponse:
    """Language and time zone."""
    return _choices(request, LanguageForm, "language-settings", template="accounts/language.html")


@login_required
def privacy(request: SignedInRequest) -> HttpResponse:
    """Who sees and reaches the user."""
    return _choices(request, PrivacyForm, "privacy")


def _choices(request: SignedInRequest, form_type: type[ChoicesForm], page: str, *, template: str = "") -> HttpResponse:
    """A page of choices, each of which is a field of the user."""
    form = form_type(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        services.user_update(user=request.user, **form.cleaned_data)
        # Say it in the language just chosen.
        with translation.override(form.cleaned_data.get("language") or translation.get_language()):
            messages.success(request, _("Saved."))
        return redirect(page)
    return settings_page(request, template or f"accounts/{page}.html", form=form)


@sensitive_post_parameters("old_password", "password")
@login_required
def password(request: SignedInRequest) -> HttpResponse:
    """A new password; every other device is signed out."""
    form = PasswordForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        device = selectors.get_session_device_or_none(request.session)
        try:
            services.user_set_password(user=request.user, password=form.cleaned_data["password"], keep_device=device)
        except ValidationError as error:
            form.add_errors(error)
        else:
            browser_sessions.keep_signed_in(request, request.user)
            messages.success(request, _("Your password is changed. Every other device was signed out."))
            return redirect("password")
    return settings_page(request, "accounts/password.html", form=form)


@login_required
def devices(request: SignedInRequest) -> HttpResponse:
    """Where the user is signed in."""
    this = selectors.get_session_device_or_none(request.session)
    rows = selectors.list_devices(request.user)
    return settings_page(
        request,
        "accounts/devices.html",
        this=next((device for device in rows if device == this), None),
        others=[device for device in rows if device != this],
    )


@require_POST
@login_required
def device_revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    """Sign one of the user's other devices out."""
    device = next((device for device in selectors.list_devices(request.user) if device.pk == pk), None)
    if device is None:
        raise Http404
    services.device_revoke(device=device, now=timezone.now())
    messages.success(request, _("The device was signed out."))
    return redirect("devices")


@require_POST
@login_required
def devices_revoke_others(request: SignedInRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    this = selectors.get_session_device_or_none(request.session)
    services.devices_revoke_others(user=request.user, keep=this, now=timezone.now())
    messages.success(request, _("Every other device was signed out."))
    return redirect("devices")


def _door(request: HttpRequest, template: str, form: SignInForm | SignUpForm) -> HttpResponse:
    status = 422 if form.is_bound and form.errors else 200
    context = {"form": form, "next": _next_url(request), "signup_open": settings.IM_SIGNUP}
    return render(request, template, context, status=status)


def _next_url(request: HttpRequest) -> str:
    """Where to go afterwards: `next` when it is a page of this site, else the list of conversations."""
    target = request.POST.get("next", request.GET.get("next", ""))
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return target
    return resolve_url(settings.LOGIN_REDIRECT_URL)
