"""Uploaded pictures: what comes out is small, square, upright and empty of metadata."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from accounts.avatars import AVATAR_PIXELS, UPLOAD_MAX_BYTES, process_avatar


def encoded(image: Image.Image, image_format: str, **options: object) -> io.BytesIO:
    content = io.BytesIO()
    image.save(content, image_format, **options)
    content.seek(0)
    return content


def png_header(width: int, height: int) -> io.BytesIO:
    """A PNG that says it is so large, with next to no data: what a decompression bomb looks like from outside."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 9)))


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("size", [(1, 1), (40, 600), (1200, 700)])
def test_picture__becomes_a_square_webp(image_format: str, size: tuple[int, int]) -> None:
    result = process_avatar(encoded(Image.new("RGB", size, "teal"), image_format))
    image = Image.open(result)
    assert (image.format, image.size) == ("WEBP", (AVATAR_PIXELS, AVATAR_PIXELS))
    assert result.name is not None
    assert result.name.endswith(".webp")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_mode__is_converted(mode: str) -> None:
    image_format = "JPEG" if mode == "CMYK" else "PNG"
    assert Image.open(process_avatar(encoded(Image.new(mode, (30, 30)), image_format))).size == (256, 256)


def test_transparency__is_kept() -> None:
    result = Image.open(process_avatar(encoded(Image.new("RGBA", (30, 30), (0, 0, 0, 0)), "PNG")))
    assert result.convert("RGBA").getpixel((128, 128))[3] == 0


def test_photo_taken_sideways__is_turned_and_loses_its_metadata() -> None:
    photo = Image.new("RGB", (400, 400), "red")
    photo.paste("blue", (0, 0, 400, 200))  # the upper half
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to show: the upper half comes to the right
    exif[0x010F] = "A camera"
    result = Image.open(process_avatar(encoded(photo, "JPEG", exif=exif)))
    left, right = result.convert("RGB").getpixel((10, 128)), result.convert("RGB").getpixel((245, 128))
    assert left[0] > 200 > left[2]
    assert right[2] > 200 > right[0]
    assert not result.getexif()


@pytest.mark.parametrize(
    ("upload", "code"),
    [
        (io.BytesIO(b""), "invalid_image"),
        (io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"), "invalid_image"),
        (encoded(Image.new("RGB", (9, 9)), "BMP"), "invalid_image"),
        (io.BytesIO(encoded(Image.effect_noise((200, 200), 90), "PNG").getvalue()[:9000]), "invalid_image"),
        (io.BytesIO(b"\0" * (UPLOAD_MAX_BYTES + 1)), "too_large"),
        (png_header(10_000, 10_000), "too_large"),
        (png_header(50_000, 50_000), "too_large"),
    ],
    ids=["empty", "svg", "bmp", "truncated", "bytes", "pixels", "bomb"],
)
def test_what_is_not_a_reasonable_picture__is_refused(upload: io.BytesIO, code: str) -> None:
    with pytest.raises(ValidationError) as error:
        process_avatar(upload)
    assert error.value.code == code
