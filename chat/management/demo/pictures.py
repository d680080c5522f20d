"""Pictures of the demo, drawn by program: they are nobody's, and always the same."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw, ImageFilter

Color = tuple[int, int, int]

PHOTO_SIZE = (1600, 1068)


def ridges() -> bytes:
    """Mountains behind mountains, in the haze before sunrise."""
    luck = random.Random(7)
    width, height = PHOTO_SIZE
    picture = _gradient(PHOTO_SIZE, (94, 120, 168), (252, 214, 170))
    draw = ImageDraw.Draw(picture)
    x, y, radius = 0.68 * width, 0.4 * height, 0.055 * height
    glow = Image.new("L", PHOTO_SIZE)
    ImageDraw.Draw(glow).ellipse((x - 5 * radius, y - 5 * radius, x + 5 * radius, y + 5 * radius), fill=120)
    picture.paste((255, 236, 200), (0, 0), glow.filter(ImageFilter.GaussianBlur(2.2 * radius)))
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(255, 244, 214))
    for layer in range(6):
        base = height * (0.46 + 0.1 * layer)
        swell = height * (0.10 - 0.008 * layer)
        waves = [(luck.uniform(0.6, 3.4) * (1 + layer / 3), luck.uniform(0, math.tau)) for _ in range(4)]
        outline = [
            (column, base - swell * sum(math.sin(f * math.tau * column / width + p) / (1 + f / 2) for f, p in waves))
            for column in range(0, width + 8, 8)
        ]
        color = _mix((176, 164, 180), (22, 40, 52), layer / 5)
        draw.polygon([(0, height), *outline, (width, height)], fill=color)
    return _photo(picture.filter(ImageFilter.GaussianBlur(0.6)))


def clivia() -> bytes:
    """Three orange flowers over dark straps of leaves, on a balcony."""
    picture = _gradient(PHOTO_SIZE, (214, 226, 232), (150, 168, 170))
    draw = ImageDraw.Draw(picture, "RGBA")
    width, height = PHOTO_SIZE
    draw.rectangle((0, height - 210, width, height), fill=(120, 96, 78, 255))
    for side in (-1, 1):
        for number in range(6):
            reach = side * (150 + 105 * number)
            leaf = [
                (width / 2 + reach * t, height - 200 - (620 - 60 * number) * math.sin(math.pi * min(t * 0.62, 1)))
                for t in (step / 30 for step in range(31))
            ]
            _strap(draw, leaf, width=58, color=_mix((34, 84, 46), (70, 128, 66), number / 6))
    draw.rounded_rectangle((width / 2 - 210, height - 240, width / 2 + 210, height - 30), 26, fill=(168, 92, 62, 255))
    for x, y, size in ((800, 330, 132), (640, 430, 112), (962, 440, 116)):
        _strap(draw, [(800, height - 240), (x, y)], width=18, color=(96, 138, 74))
        _flower(draw, x, y, size)
    return _photo(picture.filter(ImageFilter.GaussianBlur(1)))


def queue_graph() -> bytes:
    """A queue that fills at the morning's logins, and empties by itself."""
    luck = random.Random(4)
    picture = Image.new("RGB", (1280, 640), (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    for step in range(6):
        y = 560 - 100 * step
        draw.line((80, y, 1240, y), fill=(224, 228, 234), width=2)
        draw.text((24, y - 12), str(step * 50), fill=(90, 98, 112), font_size=22)
    depths = [
        max(0.0, 240 * math.exp(-(((minute - 70) / 6) ** 2)) + luck.uniform(0, 9))
        if minute < 76
        else luck.uniform(0, 9)
        for minute in range(117)
    ]
    points = [(80 + 10 * minute, 560 - 2 * depth) for minute, depth in enumerate(depths)]
    draw.polygon([(80, 560), *points, (1240, 560)], fill=(207, 232, 222))
    draw.line(points, fill=(11, 107, 83), width=5, joint="curve")
    draw.text((80, 16), "sync queue, messages waiting", fill=(22, 24, 29), font_size=28)
    for index, clock in enumerate(("07:00", "07:30", "08:00", "08:30")):
        draw.text((70 + 300 * index, 580), clock, fill=(90, 98, 112), font_size=22)
    return _encoded(picture, "PNG")


def settings_page() -> bytes:
    """A draft of a settings page, as a PDF."""
    picture = Image.new("RGB", (1240, 1754), (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    draw.text((120, 120), "Settings B", fill=(22, 24, 29), font_size=64)
    for index, label in enumerate(("Profile", "Devices", "Notifications", "Language", "Sign out")):
        y = 280 + 150 * index
        draw.rounded_rectangle((120, y, 1120, y + 116), 20, outline=(124, 133, 148), width=3)
        draw.text((160, y + 36), label, fill=(22, 24, 29), font_size=40)
    draw.rounded_rectangle((120, 1180, 1120, 1400), 20, outline=(179, 38, 30), width=4)
    draw.text((160, 1220), "Danger zone", fill=(179, 38, 30), font_size=40)
    draw.text((160, 1300), "Delete account", fill=(22, 24, 29), font_size=40)
    return _encoded(picture, "PDF")


def _strap(draw: ImageDraw.ImageDraw, points: Sequence[tuple[float, float]], *, width: int, color: Color) -> None:
    draw.line(points, fill=(*color, 255), width=width, joint="curve")
    draw.line(points, fill=(*_mix(color, (255, 255, 255), 0.18), 255), width=max(2, width // 8), joint="curve")


def _flower(draw: ImageDraw.ImageDraw, x: float, y: float, size: float) -> None:
    for petal in range(6):
        angle = petal * math.tau / 6 + 0.3
        tip = (x + size * math.cos(angle), y + size * math.sin(angle))
        for shrink, color in ((1.0, (232, 106, 34)), (0.6, (246, 152, 58))):
            across = (size * 0.3 * shrink * -math.sin(angle), size * 0.3 * shrink * math.cos(angle))
            middle = (x + size * 0.55 * math.cos(angle), y + size * 0.55 * math.sin(angle))
            draw.polygon(
                [
                    (x, y),
                    (middle[0] + across[0], middle[1] + across[1]),
                    tip,
                    (middle[0] - across[0], middle[1] - across[1]),
                ],
                fill=(*color, 255),
            )
    heart = size * 0.2
    draw.ellipse((x - heart, y - heart, x + heart, y + heart), fill=(250, 214, 96, 255))


def _gradient(size: tuple[int, int], top: Color, bottom: Color) -> Image.Image:
    column = Image.new("RGB", (1, size[1]))
    column.putdata([_mix(top, bottom, y / size[1]) for y in range(size[1])])
    return column.resize(size)


def _mix(one: Color, other: Color, share: float) -> Color:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _photo(picture: Image.Image) -> bytes:
    return _encoded(picture, "JPEG", quality=88)


def _encoded(picture: Image.Image, kind: str, **options: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


#: By the name of the file, what draws it.
FILES: dict[str, Callable[[], bytes]] = {
    "ridges.jpg": ridges,
    "君子兰.jpg": clivia,
    "sync-queue.png": queue_graph,
    "settings-b.pdf": settings_page,
}
