"""Files as people send them, and as those do who mean harm."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image


def encoded(image: Image.Image, image_format: str, **options: Any) -> bytes:
    content = io.BytesIO()
    image.save(content, image_format, **options)
    return content.getvalue()


def picture(size: tuple[int, int] = (40, 30), colour: str = "teal", image_format: str = "PNG", **options: Any) -> bytes:
    """One colour, so it is small."""
    return encoded(Image.new("RGB", size, colour), image_format, **options)


def photo(size: tuple[int, int] = (400, 200)) -> bytes:
    """A JPEG from a camera held sideways: its upper half is blue, and to be shown on the right. It tells the place."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (0, 0, size[0], size[1] // 2))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to show
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825)[2] = (31.0, 13.0, 50.0)  # GPS latitude
    return encoded(image, "JPEG", exif=exif, comment=b"taken at home")


def animation(frames: int, size: tuple[int, int] = (20, 10), image_format: str = "GIF") -> bytes:
    images = [Image.new("RGB", size, (index * 53 % 256, index * 31 % 256, 99)) for index in range(frames)]
    return encoded(images[0], image_format, save_all=True, append_images=images[1:], duration=100)


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it is so large, with next to no data: what a decompression bomb looks like from outside."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 9))
