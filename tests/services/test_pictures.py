"""Pictures on their way in: what comes out is upright, empty of metadata, and of our own encoder."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageCms

from chat.errors import ErrorCode, ImError
from chat.services.pictures import SIDE_MAX, THUMBNAIL_SIDE_MAX, Picture, claims_to_be_picture, process_picture
from tests.support.pictures import animation, encoded, photo, picture, png_header


def processed(content: bytes) -> tuple[Picture, Image.Image, Image.Image]:
    """The result, and its two pictures opened."""
    assert claims_to_be_picture(content[:12])
    result = process_picture(io.BytesIO(content))
    return result, Image.open(io.BytesIO(result.content)), Image.open(io.BytesIO(result.thumbnail))


@pytest.mark.parametrize(
    ("image_format", "media_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/png")],
)
def test_picture__stays_what_it_is(image_format: str, media_type: str) -> None:
    result, image, thumbnail = processed(picture((1000, 500), image_format=image_format))
    assert result.media_type == media_type == image.get_format_mimetype()
    assert (result.width, result.height) == image.size == (1000, 500)
    assert thumbnail.format == "WEBP"
    assert thumbnail.size == (THUMBNAIL_SIDE_MAX, THUMBNAIL_SIDE_MAX // 2)


def test_photo_taken_sideways__is_turned_and_tells_nothing() -> None:
    result, image, thumbnail = processed(photo((400, 200)))
    assert image.size == (result.width, result.height) == (200, 400)
    for each in (image.convert("RGB"), thumbnail.convert("RGB")):
        left, right = each.getpixel((10, 200)), each.getpixel((190, 200))
        assert left[0] > 200 > left[2]
        assert right[2] > 200 > right[0]
        assert not each.getexif()
    for told in (b"camera", b"home", b"Exif"):
        assert told not in result.content + result.thumbnail


def test_what_stands_behind_the_picture__is_gone() -> None:
    script = b"<script>alert(1)</script>PK\x03\x04"
    result, _, _ = processed(picture(image_format="GIF") + script)
    assert b"script" not in result.content


def test_large_picture__is_made_smaller() -> None:
    result, image, _ = processed(picture((SIDE_MAX + 904, 100)))
    assert image.width == result.width == SIDE_MAX
    assert image.height == result.height == 82


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1)])
def test_odd_sizes__work(size: tuple[int, int]) -> None:
    result, image, thumbnail = processed(picture(size))
    assert image.size == (result.width, result.height) == size
    assert min(thumbnail.size) == 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_mode__is_converted(mode: str) -> None:
    _, image, _ = processed(encoded(Image.new(mode, (30, 30)), "JPEG" if mode == "CMYK" else "PNG"))
    assert image.mode in ("RGB", "RGBA")


def test_transparency__is_kept() -> None:
    _, image, thumbnail = processed(encoded(Image.new("RGBA", (30, 30), (0, 0, 0, 0)), "PNG"))
    assert image.getpixel((15, 15))[3] == thumbnail.convert("RGBA").getpixel((15, 15))[3] == 0


def test_colours_of_another_space__are_converted() -> None:
    """Clients that know no profiles show the right colours, too; and a profile may name its owner."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    _, broken, _ = processed(picture(colour="#336699", icc_profile=profile))
    assert broken.convert("RGB").getpixel((5, 5)) == (0x33, 0x66, 0x99)  # no profile for RGB: passed over
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    _, image, _ = processed(picture(colour="#336699", icc_profile=srgb))
    assert image.info.get("icc_profile") is None
    assert all(abs(is_ - was) <= 1 for is_, was in zip(image.getpixel((5, 5)), (0x33, 0x66, 0x99), strict=True))


@pytest.mark.parametrize("image_format", ["GIF", "PNG", "WEBP"])
def test_animation__stays_one(image_format: str) -> None:
    result, image, thumbnail = processed(animation(7, image_format=image_format))
    assert result.media_type == "image/webp"
    assert result.is_animated
    assert image.n_frames == 7
    assert not thumbnail.is_animated


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xd8\xff", ErrorCode.BAD_FRAME),
        (b"GIF89a<html><script>alert(1)</script>", ErrorCode.BAD_FRAME),
        (photo()[:900], ErrorCode.BAD_FRAME),
        (encoded(Image.effect_noise((200, 200), 90), "PNG")[:9000], ErrorCode.BAD_FRAME),
        (png_header(10_000, 10_000), ErrorCode.TOO_LARGE),
        (png_header(50_000, 50_000), ErrorCode.TOO_LARGE),
        (png_header(2**31 - 1, 2**31 - 1), ErrorCode.TOO_LARGE),
        (animation(1_001, (1, 1)), ErrorCode.TOO_LARGE),
    ],
    ids=["header", "html in a gif", "cut jpeg", "cut png", "pixels", "bomb", "largest", "frames"],
)
def test_what_is_no_reasonable_picture__is_refused(content: bytes, code: ErrorCode) -> None:
    assert claims_to_be_picture(content[:12])
    with pytest.raises(ImError) as refusal:
        process_picture(io.BytesIO(content))
    assert refusal.value.code is code


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"BM" + b"\0" * 20, b"II*\0", b"RIFF\0\0\0\0WAVE", b"%PDF-1.7"],
)
def test_other_files__claim_nothing(content: bytes) -> None:
    assert not claims_to_be_picture(content[:12])
