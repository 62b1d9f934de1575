"""Pictures that something is wrong with, or that are only unusual: made here, byte by byte, the same each time.

``python -m tests.faults.pictures FOLDER`` writes them.
"""

import io
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import ExifTags, Image, PngImagePlugin

CUTS = 10
RGB = np.random.default_rng(1024).integers(0, 256, (24, 32, 3), dtype=np.uint8)
GREY = RGB[..., 0]
DEEP = GREY.astype(np.uint16) * 257
WHOLE, BAD, CUT = "whole", "bad", "cut"

SUFFIXES = {"avif": "AVIF", "bmp": "BMP", "gif": "GIF", "jp2": "JPEG2000", "jpg": "JPEG", "pgm": "PPM", "png": "PNG"}
SUFFIXES |= {"tga": "TGA", "tif": "TIFF", "webp": "WEBP"}

NAMES = [
    *("new\nline.png", "quote'\"s.png", "-rf.png", "=1+1.png", "@sum.png", "+1.png", "tab\tulator.png", "a b.png"),
    *("<img src=x onerror=document.title='run'>.png", "&lt;b&gt;.png", "\u202egnp.exe.png", "\x1b[31mred.png"),
    *("$\\frac{1}{2}$.png", "{0}%s.png", "a,b;c.png", "#1.png", "?x=1&y.png", "'); DROP TABLE x.png", "CON.png"),
    *(f"{'n' * 251}.png", "é.png", "e\u0301.png", "日本語.png", "😀.png", "A.png", "a.png"),
]
"""Names that a picture may have: of what spreadsheets, pages, terminals, shells and file systems may take amiss."""


class Picture(NamedTuple):
    """``content`` under ``name``: whole (it can be read), bad (it cannot), or cut (whole as far as it goes)."""

    name: str
    content: bytes
    kind: str


def encoded(image: Image.Image, kind: str, **settings: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


def plain(suffix: str) -> bytes:
    """The same picture in any format."""
    image = Image.fromarray(GREY if suffix == "pgm" else RGB)
    return encoded(image, SUFFIXES[suffix], **({"lossless": True} if suffix == "webp" else {}))


def pictures() -> Iterator[Picture]:
    """All of them, but those whose name alone is unusual."""
    yield from (Picture(f"whole.{suffix}", plain(suffix), WHOLE) for suffix in SUFFIXES)
    for suffix in SUFFIXES:
        whole = plain(suffix)
        ends = [len(whole) * cut // CUTS for cut in range(CUTS)]
        yield from (Picture(f"cut{k}.{suffix}", whole[:end], CUT) for k, end in enumerate(ends))
    yield from (Picture(name, make(), WHOLE) for name, make in UNUSUAL.items())
    yield from (Picture(name, make(), BAD) for name, make in BROKEN.items())
    yield from (Picture(f"bomb.{suffix}", bomb(plain(suffix)), BAD) for suffix, bomb in BOMBS.items())


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif


def _several(kind: str) -> bytes:
    return encoded(Image.fromarray(RGB), kind, save_all=True, append_images=[Image.fromarray(RGB[::-1].copy())])


def _png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with further chunks before its pixels."""
    whole = plain("png")
    start = whole.index(b"IDAT") - 4
    return whole[:start] + b"".join(_chunk(*chunk) for chunk in chunks) + whole[start:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _blank_png(width: int, height: int) -> bytes:
    """One bit a pixel, and a thousand times smaller than its pixels."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    data = zlib.compressobj(9)
    rows = b"".join(data.compress(b"\0" * (1 + (width + 7) // 8)) for _ in range(height)) + data.flush()
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _looping_exif() -> bytes:
    """A JPEG on its side, whose EXIF sections lead to themselves."""
    entries = struct.pack("<HHHIHH", 2, 0x0112, 3, 1, 6, 0) + struct.pack("<HHII", 0x8769, 4, 1, 8)
    tiff = b"II*\0" + struct.pack("<I", 8) + entries + struct.pack("<I", 8)
    return encoded(Image.fromarray(RGB), "JPEG", exif=b"Exif\0\0" + tiff)


def _looping_tiff() -> bytes:
    """A TIFF whose second page is its first."""
    whole = bytearray(plain("tif"))
    first = struct.unpack_from("<I", whole, 4)[0]
    count = struct.unpack_from("<H", whole, first)[0]
    struct.pack_into("<I", whole, first + 2 + 12 * count, first)
    return bytes(whole)


def _palette() -> bytes:
    image = Image.fromarray(RGB).quantize(16)
    return encoded(image, "PNG", transparency=bytes(range(0, 256, 16)))


def _floats() -> bytes:
    pixels = GREY.astype(np.float32)
    pixels[0, 0] = np.nan
    return encoded(Image.fromarray(pixels), "TIFF")


def _text(megabytes: int) -> bytes:
    return b"Comment\0\0" + zlib.compress(b"\0" * (megabytes << 20), 9)


UNUSUAL: dict[str, Callable[[], bytes]] = {
    "png_called.jpg": lambda: plain("png"),
    "cmyk.jpg": lambda: encoded(Image.fromarray(RGB).convert("CMYK"), "JPEG"),
    "cmyk.tif": lambda: encoded(Image.fromarray(RGB).convert("CMYK"), "TIFF"),
    "progressive.jpg": lambda: encoded(Image.fromarray(RGB), "JPEG", progressive=True),
    "sideways.jpg": lambda: encoded(Image.fromarray(RGB), "JPEG", exif=_exif(6)),
    "wrong_orientation.jpg": lambda: encoded(Image.fromarray(RGB), "JPEG", exif=_exif(99)),
    "looping_exif.jpg": _looping_exif,
    "looping_pages.tif": _looping_tiff,
    "deep.png": lambda: encoded(Image.fromarray(DEEP), "PNG"),
    "deep.tif": lambda: encoded(Image.fromarray(DEEP), "TIFF"),
    "deep.pgm": lambda: encoded(Image.fromarray(DEEP), "PPM"),
    "grey_alpha.png": lambda: encoded(Image.fromarray(RGB).convert("LA"), "PNG"),
    "palette_alpha.png": _palette,
    "one_bit.png": lambda: encoded(Image.fromarray(GREY).convert("1"), "PNG"),
    "fax.tif": lambda: encoded(Image.fromarray(GREY).convert("1"), "TIFF", compression="group4"),
    "lzw.tif": lambda: encoded(Image.fromarray(RGB), "TIFF", compression="tiff_lzw"),
    "animated.gif": lambda: _several("GIF"),
    "animated.png": lambda: _several("PNG"),
    "animated.webp": lambda: _several("WEBP"),
    "animated.avif": lambda: _several("AVIF"),
    "pages.tif": lambda: _several("TIFF"),
    "several.jpg": lambda: _several("MPO"),
    "dot.png": lambda: _blank_png(1, 1),
    "column.png": lambda: _blank_png(1, 60_000),
    "row.png": lambda: _blank_png(60_000, 1),
    "icc_nonsense.png": lambda: encoded(Image.fromarray(RGB), "PNG", icc_profile=b"no profile" * 50),
    "icc_nonsense.jpg": lambda: encoded(Image.fromarray(RGB), "JPEG", icc_profile=b"no profile" * 50),
    "icc_long.jpg": lambda: encoded(Image.fromarray(RGB), "JPEG", icc_profile=b"\0" * 2_000_000),
    "unknown_chunk.png": lambda: _png((b"evIl", b"<script>")),
    "trailing.png": lambda: plain("png") + b"PK\x03\x04" + b"\0" * 1000,
}

BROKEN: dict[str, Callable[[], bytes]] = {
    "empty.png": lambda: b"",
    "text.png": lambda: b"no image at all\n",
    "page.png": lambda: b"<html><script>document.title = 'run'</script></html>",
    "drawing.png": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "postscript.png": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%touch hit) (w) file\n",
    "archive.png": lambda: b"PK\x03\x04" + b"\0" * 100,
    "magic_alone.png": lambda: b"\x89PNG\r\n\x1a\n",
    "wrong_magic.png": lambda: b"\x89PNX" + plain("png")[4:],
    "wrong_checksum.png": lambda: plain("png").replace(b"IHDR", b"IHDS"),
    "no_pixels.png": lambda: plain("png").replace(b"IDAT", b"iDAT"),
    "floats.tif": _floats,
    "long_integers.tif": lambda: encoded(Image.fromarray(GREY.astype(np.int32) << 20), "TIFF"),
    "huge.png": lambda: _blank_png(20_000, 10_000),
    "comment_bomb.png": lambda: _png((b"zTXt", _text(100))),
    "profile_bomb.png": lambda: _png((b"iCCP", _text(100))),
    "comments_bomb.png": lambda: _png(*[(b"zTXt", _text(1))] * 80),
}


def _patched(place: bytes, after: int, layout: str, *values: int) -> Callable[[bytes], bytes]:
    """Replaces what is ``after`` bytes behind ``place``: width and height, in a picture's header."""

    def patch(whole: bytes) -> bytes:
        content = bytearray(whole)
        struct.pack_into(layout, content, whole.index(place) + after, *values)
        return bytes(content)

    return patch


def _png_bomb(whole: bytes) -> bytes:
    header = struct.pack(">II", 50_000, 50_000) + whole[24:29]
    return whole[:8] + _chunk(b"IHDR", header) + whole[33:]


BOMBS: dict[str, Callable[[bytes], bytes]] = {
    "png": _png_bomb,
    "gif": _patched(b"GIF8", 6, "<HH", 65_000, 65_000),
    "bmp": _patched(b"BM", 18, "<ii", 50_000, 50_000),
    "jpg": _patched(b"\xff\xc0", 5, ">HH", 65_000, 65_000),
    "pgm": lambda whole: whole.replace(b"32 24", b"50000 50000"),
    "tga": _patched(b"", 12, "<HH", 65_000, 65_000),
    "tif": lambda whole: _sized_tiff(whole, 50_000),
    "webp": _patched(b"VP8L", 9, "<I", 0x0FFFFFFF),
    "jp2": _patched(b"ihdr", 4, ">II", 50_000, 50_000),
    "avif": _patched(b"ispe", 8, ">II", 50_000, 50_000),
}
"""Files of less than a kilobyte whose headers claim billions of pixels."""


def _sized_tiff(whole: bytes, side: int) -> bytes:
    content = bytearray(whole)
    start = struct.unpack_from("<I", whole, 4)[0] + 2
    for entry in range(start, start + 12 * 2, 12):  # width and height come first
        tag, _, count = struct.unpack_from("<HHI", whole, entry)
        struct.pack_into("<HHII", content, entry, tag, 4, count, side)
    return bytes(content)


def write(folder: Path) -> dict[str, str]:
    """Write all of them into ``folder``, made if missing; the kind of each, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds = {}
    for picture in [*pictures(), *(Picture(name, plain("png"), WHOLE) for name in NAMES)]:
        (folder / picture.name).write_bytes(picture.content)
        kinds[picture.name] = picture.kind
    return kinds


if __name__ == "__main__":
    print(PngImagePlugin.MAX_TEXT_CHUNK, len(write(Path(sys.argv[1]))), "pictures")
