"""Pictures of people: from whatever was uploaded to one small square WebP.

Re-encoding drops metadata (the place a photo was taken) and anything hidden in the file.
"""

from __future__ import annotations

import io
import secrets
import warnings
from typing import IO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.models import User

AVATAR_PIXELS = 256  # The largest place it is shown is 128 CSS pixels, at twice the density.
UPLOAD_MAX_BYTES = 8 * 1024 * 1024  # A photo straight from a phone.
SOURCE_MAX_PIXELS = 50_000_000  # The same; decoded that is at most 200 MB, refused before it happens above.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")  # What browsers show; every other decoder stays unreachable.


def avatar_url(user: User) -> str | None:
    """Where the user's picture is, or None: clients draw the initials then."""
    return user.avatar.url if user.avatar else None


def process_avatar(upload: IO[bytes]) -> ContentFile[bytes]:
    """The uploaded picture, upright, cropped to a square and re-encoded, under a name that nobody can guess.

    Raises:
        ValidationError: not a picture that we read, or too large a one. The pixels are counted before any is decoded.
    """
    payload = upload.read(UPLOAD_MAX_BYTES + 1)
    if len(payload) > UPLOAD_MAX_BYTES:
        raise ValidationError(_("The picture is larger than 8 MB."), code="too_large")
    try:
        with warnings.catch_warnings():
            # Pillow warns about a size that we judge ourselves, two lines down.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(payload), formats=FORMATS)
        if image.width * image.height > SOURCE_MAX_PIXELS:
            raise ValidationError(_("The picture has too many pixels."), code="too_large")
        # JPEG can be decoded at a fraction of its size, which is all that is needed here.
        image.draft("RGB", (AVATAR_PIXELS * 2, AVATAR_PIXELS * 2))
        upright = ImageOps.exif_transpose(image)
        # Not every mode converts well to WebP; these two do, and keep what can be seen.
        upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
        square = ImageOps.fit(upright, (AVATAR_PIXELS, AVATAR_PIXELS), Image.Resampling.LANCZOS)
    except Image.DecompressionBombError as error:
        raise ValidationError(_("The picture has too many pixels."), code="too_large") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        # What Pillow's decoders raise on broken bytes; there is no common base class.
        raise ValidationError(_("This is not a picture that can be read."), code="invalid_image") from error
    encoded = io.BytesIO()
    square.save(encoded, "WEBP", quality=85)
    return ContentFile(encoded.getvalue(), name=f"{secrets.token_urlsafe(16)}.webp")
