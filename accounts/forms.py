"""What people fill in about themselves. Rules live in accounts.services; the forms say what they found, by field."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest
from django.utils.translation import get_language_info, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts import time_zones
from accounts.addresses import client_address
from accounts.authentication import CredentialsRefused, check_credentials
from accounts.models import NAME_MAX_CHARS, USERNAME_MAX_CHARS, User
from accounts.throttle import TooManyTries, request_limit

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class PageForm(forms.Form):
    """A form in the pages' own dress: `_form.html` draws it, with a summary of the errors on top."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.TextInput | forms.PasswordInput | forms.EmailInput | forms.Select):
                field.widget.attrs.setdefault("class", "input")

    def add_errors(self, error: ValidationError) -> None:
        """Show what a service refused beside the fields it names."""
        by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: [error]}
        for name, reasons in by_field.items():
            self.add_error(name if name in self.fields else None, reasons)


class SignInForm(PageForm):
    """Username and password. `user` is who they belong to, once the form is valid."""

    username = forms.CharField(
        label=_("Username"),
        max_length=USERNAME_MAX_CHARS,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.user: User | None = None

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "username" in values and "password" in values:
            _check_rate(self.request, "sign_in")
            self.user = _check_password(
                self.request,
                username=values["username"],
                password=values["password"],
                refusal=_("The username and the password do not go together."),
            )
        return values


class SignUpForm(PageForm):
    """A new account."""

    username = forms.CharField(
        label=_("Username"),
        max_length=USERNAME_MAX_CHARS,
        help_text=_("How others find you: letters, digits and . _ - It cannot be changed later."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_MAX_CHARS,
        required=False,
        help_text=_("What others see. Leave it empty to show the username."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 8 characters. A few words are easy to remember and hard to guess."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors:
            _check_rate(self.request, "sign_up")
        return values


class ProfileForm(PageForm):
    """Who the user is for others."""

    avatar = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("JPEG, PNG, WebP or GIF, up to 8 MB. It is cropped to a square."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif", "class": "input"}),
    )
    remove_avatar = forms.BooleanField(label=_("Remove the picture"), required=False)
    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_MAX_CHARS,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        help_text=_("Only for you; others never see it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"name": user.name, "email": user.email})
        super().__init__(*args, **kwargs)
        if not user.avatar:
            del self.fields["remove_avatar"]

    def changes(self) -> dict[str, Any]:
        """What to give to `user_update`. No new picture means the old one stays."""
        changes = {"name": self.cleaned_data["name"], "email": self.cleaned_data["email"]}
        if self.cleaned_data["avatar"]:
            changes["avatar"] = self.cleaned_data["avatar"]
        elif self.cleaned_data.get("remove_avatar"):
            changes["avatar"] = None
        return changes


class ChoicesForm(PageForm):
    """Choices that are fields of the user, by their names. It begins with what was chosen."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {name: getattr(user, name) for name in self.base_fields})
        super().__init__(*args, **kwargs)


class AppearanceForm(ChoicesForm):
    """How the pages look, and what Enter does."""

    theme = forms.ChoiceField(label=_("Theme"), choices=User.Theme.choices, widget=forms.RadioSelect)
    density = forms.ChoiceField(label=_("Density"), choices=User.Density.choices, widget=forms.RadioSelect)
    text_size = forms.ChoiceField(label=_("Text size"), choices=User.TextSize.choices, widget=forms.RadioSelect)
    enter_sends = forms.TypedChoiceField(
        label=_("The Enter key"),
        choices=[
            ("True", _("Sends; Shift+Enter begins a new line")),
            ("False", _("Begins a new line; Ctrl+Enter sends")),
        ],
        coerce="True".__eq__,
        widget=forms.RadioSelect,
    )
    undo_send = forms.TypedChoiceField(
        label=_("Undo sending"),
        help_text=_("What you send waits for so long in your browser and can be taken back. Nobody has seen it then."),
        choices=User.UndoSend.choices,
        coerce=int,
        widget=forms.RadioSelect,
    )


class LanguageForm(ChoicesForm):
    """How the pages speak, and when."""

    language = forms.ChoiceField(label=_("Language"), required=False, widget=forms.RadioSelect)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        # Each language in its own words, so that whoever needs it can read it.
        named = [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]
        choices = {"language": named, "time_zone": time_zones.by_region()}
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("As the browser")), *offered]


class PrivacyForm(ChoicesForm):
    """Who sees and reaches the user."""

    presence_to = forms.ChoiceField(
        label=_("Who sees when you are online, and when you were last"),
        help_text=_("It works both ways: from whom you hide this, you do not see it."),
        choices=User.Audience.choices,
        widget=forms.RadioSelect,
    )
    read_receipts = forms.BooleanField(
        label=_("Show in direct conversations what I have read"),
        help_text=_(
            "It works both ways: without it you do not see what others have read. An answer tells all the same."
        ),
        required=False,
    )
    direct_from = forms.ChoiceField(
        label=_("Who may begin a conversation with you"),
        help_text=_("Conversations that have begun go on, and others can ask to become a contact."),
        choices=User.Audience.choices,
        widget=forms.RadioSelect,
    )
    groups_from = forms.ChoiceField(
        label=_("Who may add you to groups and channels"),
        help_text=_("Others can send you an invite link."),
        choices=User.Audience.choices,
        widget=forms.RadioSelect,
    )


class PasswordForm(PageForm):
    """A new password, from somebody who knows the old one."""

    old_password = forms.CharField(
        label=_("Current password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_("At least 8 characters. A few words are easy to remember and hard to guess."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        old: str = self.cleaned_data["old_password"]
        _check_password(
            self.request,
            username=self.request.user.get_username(),
            password=old,
            refusal=_("This is not your current password."),
        )
        return old


def _check_password(request: HttpRequest, *, username: str, password: str, refusal: StrOrPromise) -> User:
    """The user whose password this is. Raises ValidationError with `refusal`, or with how long to wait."""
    try:
        return check_credentials(username=username, password=password, address=client_address(request))
    except CredentialsRefused as error:
        raise ValidationError(refusal, code="bad_credentials") from error
    except TooManyTries as error:
        raise _too_many(error.retry_after) from error


def _check_rate(request: HttpRequest, scope: str) -> None:
    """Count a request from this address; right ones, too, because each costs a slow hash. Raises ValidationError."""
    retry_after = request_limit(scope).hit(f"address {client_address(request)}")
    if retry_after is not None:
        raise _too_many(retry_after)


def _too_many(retry_after_s: float) -> ValidationError:
    return ValidationError(
        ngettext_lazy(
            "Too many tries. Wait %(minutes)d minute and try again.",
            "Too many tries. Wait %(minutes)d minutes and try again.",
            "minutes",
        ),
        code="rate_limited",
        params={"minutes": math.ceil(retry_after_s / 60)},
    )
