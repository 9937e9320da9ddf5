"""A small file of every kind that the scan takes for a picture, to be damaged."""

import io
from functools import cache

import numpy as np
from PIL import Image

from heif.files import coded

SIDES = (48, 36)


def noise(seed: int = 7, sides: tuple[int, int] = SIDES) -> Image.Image:
    rows = np.random.default_rng(seed).integers(0, 256, (*sides[::-1], 3), dtype=np.uint8)
    return Image.fromarray(rows)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def exif(*, is_nested: bool = True) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = 6
    tags[0x010E] = "description"
    if is_nested:
        tags[0x8769] = {0x9003: "2020:01:01 00:00:00", 0x927C: b"maker" * 20}
    return tags


def wide(kind: type) -> Image.Image:
    return Image.fromarray((np.asarray(noise().convert("L"), dtype=kind) * 99).astype(kind))


def frames(kind: str, **options: object) -> bytes:
    others = [noise(number) for number in (8, 9)]
    return encoded(noise(), kind, save_all=True, append_images=others, **options)


@cache
def samples() -> dict[str, bytes]:
    """Return the files by their names."""
    rgb = noise()
    alpha = rgb.copy()
    alpha.putalpha(rgb.convert("L"))
    tiffs = {
        "lzw": (rgb, "tiff_lzw"), "deflate": (rgb, "tiff_adobe_deflate"), "jpeg": (rgb, "jpeg"),
        "packbits": (rgb, "packbits"), "fax": (rgb.convert("1"), "group4"),
        "alpha": (alpha, "tiff_lzw"), "cmyk": (rgb.convert("CMYK"), None), "plain": (rgb, None),
        "grey16": (wide(np.uint16), None), "float": (wide(np.float32), "tiff_deflate"),
        "palette": (rgb.quantize(16), "tiff_lzw"),
    }  # fmt: skip
    modes = {
        "rgb": rgb, "alpha": alpha, "grey": rgb.convert("L"), "palette": rgb.quantize(16),
        "bits": rgb.convert("1"), "grey16": wide(np.uint16), "greyalpha": alpha.convert("LA"),
    }  # fmt: skip
    flat = exif(is_nested=False)  # as Pillow writes it into a TIFF
    return {
        "baseline.jpg": encoded(rgb, "JPEG"),
        "progressive.jpg": encoded(rgb, "JPEG", progressive=True),
        "cmyk.jpg": encoded(rgb.convert("CMYK"), "JPEG"),
        "grey.jpeg": encoded(rgb.convert("L"), "JPEG"),
        "exif.jpg": encoded(rgb, "JPEG", exif=exif(), icc_profile=bytes(500), comment=b"c" * 50),
        "restarts.jpg": encoded(rgb, "JPEG", restart_marker_blocks=1, subsampling=0),
        "two.mpo": frames("MPO"),
        "frames.apng": frames("PNG"),
        "exif.png": encoded(rgb, "PNG", exif=exif(), icc_profile=bytes(500)),
        **{f"{name}.png": encoded(image, "PNG") for name, image in modes.items()},
        "lossy.webp": encoded(rgb, "WEBP", exif=exif()),
        "alpha.webp": encoded(alpha, "WEBP"),
        "lossless.webp": encoded(rgb, "WEBP", lossless=True),
        "frames.webp": frames("WEBP"),
        "one.gif": encoded(rgb.convert("P"), "GIF"),
        "frames.gif": frames("GIF"),
        **{
            f"{name}.tif": encoded(image, "TIFF", compression=compression, exif=flat)
            for name, (image, compression) in tiffs.items()
        },
        "pages.tiff": frames("TIFF"),
        "rgb.bmp": encoded(rgb, "BMP"),
        "palette.bmp": encoded(rgb.quantize(16), "BMP"),
        "rgb.ppm": encoded(rgb, "PPM"),
        "grey.pgm": encoded(rgb.convert("L"), "PPM"),
        "bits.pbm": encoded(rgb.convert("1"), "PPM"),
        "text.ppm": b"P3 3 2 255\n" + b" 12 34 255" * 6,
        "rgb.tga": encoded(rgb, "TGA"),
        "runs.tga": encoded(rgb, "TGA", compression="tga_rle"),
        "phone.heic": coded("phone-48x36"),
        "alpha.heif": coded("alpha-48x36"),
        "web.avif": encoded(rgb, "AVIF", exif=exif()),
        "frames.avif": frames("AVIF"),
    }  # fmt: skip
