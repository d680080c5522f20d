"""Pictures that people send: from whatever was uploaded to bytes of our own encoder, and a thumbnail.

Encoding anew drops metadata (the place a photo was taken) and anything hidden in the file or behind its end.
"""

from __future__ import annotations

import io
import threading
import warnings
from dataclasses import dataclass
from typing import IO

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from accounts.avatars import FORMATS, SOURCE_MAX_PIXELS
from chat.errors import ErrorCode, ImError

#: What a large screen shows, and half of what a good phone takes.
SIDE_MAX = 4096
#: Twice the 360 CSS pixels at which a message shows it: the common density.
THUMBNAIL_SIDE_MAX = 720
#: All frames of an animation together: some seconds of work. 20 s at 480 x 270 are 40 million.
ANIMATION_MAX_PIXELS = 100_000_000
ANIMATION_MAX_FRAMES = 1_000
#: Profiles of cameras and screens have some kilobytes; the library that reads them gets no more to chew on.
PROFILE_MAX_BYTES = 256 * 1024

#: The largest takes 400 MB and a core for 2 s [measured: 49 million pixels]. So a process does one at a time, however
#: many come.
_DECODING = threading.Lock()
#: Behind more than this, the client had better come back.
_WAIT_S = 30

_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")

#: By what it was: what it becomes, with the options for the encoder. A GIF that stands still is a PNG.
_ENCODINGS: dict[str, tuple[str, dict[str, int]]] = {
    "JPEG": ("JPEG", {"quality": 88}),
    "MPO": ("JPEG", {"quality": 88}),  # a photo with a second one behind it, as some cameras write
    "PNG": ("PNG", {}),
    "GIF": ("PNG", {}),
    "WEBP": ("WEBP", {"quality": 90}),
}
#: Modes between whose pixels there are others; the rest would be scaled by leaving pixels out.
_SCALABLE = ("RGB", "RGBA", "L", "LA", "CMYK", "YCbCr")
_EXTENSIONS = {"JPEG": (".jpg", ".jpeg"), "PNG": (".png",), "WEBP": (".webp",)}

# Pillow takes memory in blocks of 16 MB, which glibc keeps for the thread that asked: 450 MB after six large pictures.
# What is larger than 32 MB goes back to the system at once: 90 MB [measured].
Image.core.set_block_size(64 * 1024 * 1024)  # type: ignore[attr-defined]

# What Pillow's decoders raise on broken bytes; there is no common base class.
_BROKEN = (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """`extensions` are those that a name of such a file ends in, the usual one first."""

    content: bytes
    media_type: str
    extensions: tuple[str, ...]
    width: int
    height: int
    is_animated: bool = False
    thumbnail: bytes  # WebP


def claims_to_be_picture(head: bytes) -> bool:
    """Whether the first 12 bytes are those of a picture that browsers show."""
    return head.startswith(_SIGNATURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def process_picture(source: IO[bytes]) -> Picture:
    """The picture upright, in sRGB, of a reasonable size and without metadata. Takes up to some seconds.

    Raises:
        ImError: BAD_FRAME: not a picture that can be read. TOO_LARGE: too many pixels, counted before any is decoded.
            RATE_LIMITED: too many are being processed.
    """
    if not _DECODING.acquire(timeout=_WAIT_S):
        raise ImError(ErrorCode.RATE_LIMITED, "Too many pictures at once; try again in a moment.", retry_after=_WAIT_S)
    try:
        return _process(source)
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except _BROKEN as error:
        raise ImError(ErrorCode.BAD_FRAME, "This picture cannot be read.") from error
    finally:
        _DECODING.release()


def _process(source: IO[bytes]) -> Picture:
    with warnings.catch_warnings():
        # Pillow warns about a size that we judge ourselves.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        image = Image.open(source, formats=FORMATS)
    if image.width * image.height > SOURCE_MAX_PIXELS:
        raise _too_large()
    if image.format != "MPO" and getattr(image, "is_animated", False):
        return _process_animation(image)
    return _process_still(image)


def _process_still(image: Image.Image) -> Picture:
    file_format, options = _ENCODINGS[image.format or ""]
    if image.mode not in _SCALABLE:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    # Smaller before all else: everything that follows is a copy. (JPEG is even decoded at a fraction of its size.)
    image.thumbnail((SIDE_MAX, SIDE_MAX), Image.Resampling.LANCZOS)
    ImageOps.exif_transpose(image, in_place=True)
    upright = _plain(image)
    encoded = io.BytesIO()
    upright.save(encoded, file_format, **options)
    return Picture(
        content=encoded.getvalue(),
        media_type=f"image/{file_format.lower()}",
        extensions=_EXTENSIONS[file_format],
        width=upright.width,
        height=upright.height,
        thumbnail=_thumbnail(upright),
    )


def _process_animation(image: Image.Image) -> Picture:
    """As animated WebP, which every browser shows and is a fraction of a GIF."""
    frames: int = image.n_frames  # type: ignore[attr-defined]
    pixels = image.width * image.height * frames
    if frames > ANIMATION_MAX_FRAMES or pixels > ANIMATION_MAX_PIXELS or max(image.size) > SIDE_MAX:
        raise ImError(ErrorCode.TOO_LARGE, "This animation is too long or too large.")
    encoded = io.BytesIO()
    image.save(encoded, "WEBP", save_all=True, quality=80, exif=b"", xmp=b"", icc_profile=b"")
    image.seek(0)
    return Picture(
        content=encoded.getvalue(),
        media_type="image/webp",
        extensions=_EXTENSIONS["WEBP"],
        width=image.width,
        height=image.height,
        is_animated=True,
        thumbnail=_thumbnail(_plain(image)),
    )


def _plain(image: Image.Image) -> Image.Image:
    """A copy with nothing but colours in sRGB."""
    mode = "RGBA" if image.has_transparency_data else "RGB"
    profile = image.info.get("icc_profile") or b""
    # A profile is for the colours as they are in the file; of the others, RGB is what ours come from.
    plain = image if image.mode in ("CMYK", "L") else image.convert(mode)
    if 0 < len(profile) <= PROFILE_MAX_BYTES:
        plain = _in_srgb(plain, profile, mode)
    if plain.mode != mode:
        plain = plain.convert(mode)
    # Encoders write what they find here: comments, profiles, resolutions.
    plain.info = {}
    return plain


def _in_srgb(image: Image.Image, profile: bytes, mode: str) -> Image.Image:
    try:
        converted = ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=mode
        )
    except (ImageCms.PyCMSError, *_BROKEN):
        return image  # a broken profile, or one for another kind of picture: the colours are as they are
    return converted if converted is not None else image


def _thumbnail(picture: Image.Image) -> bytes:
    small = picture.copy()
    small.thumbnail((THUMBNAIL_SIDE_MAX, THUMBNAIL_SIDE_MAX), Image.Resampling.LANCZOS)
    encoded = io.BytesIO()
    small.save(encoded, "WEBP", quality=78)
    return encoded.getvalue()


def _too_large() -> ImError:
    return ImError(ErrorCode.TOO_LARGE, f"A picture has {SOURCE_MAX_PIXELS // 1_000_000} million pixels at most.")
