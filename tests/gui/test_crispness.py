"""Pictures are aligned to whole device pixels, at every device pixel ratio."""

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage, QPainter

from nameplate.ui.tiles.model import Tile, TileKind
from nameplate.ui.tiles.painter import Marks, TilePainter
from nameplate.ui.tiles.thumbnails import Fit, ThumbnailLoader


def stripes(size: tuple[int, int]) -> Image.Image:
    """Return alternating black and white columns: any grey is a blur."""
    image = Image.new("L", size)
    image.putdata([255 * (x % 2) for _ in range(size[1]) for x in range(size[0])])
    return image.convert("RGB")


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("corner", [(0, 0), (13, 7), (171, 211)])
def test_every_pixel_of_a_picture_is_one_of_the_screen(qapp, qtbot, tmp_path, ratio, corner):
    loader = ThumbnailLoader()
    tiles = TilePainter(loader)
    width = 170
    fit = tiles.fit_for(width, ratio)
    side = min(fit.width, fit.height) & ~1
    tile = Tile(tmp_path / "a.png", TileKind.PLAIN)
    stripes((side, fit.height)).save(tile.path)
    with qtbot.waitSignal(loader.loaded):
        loader.pixmap(tile.path, fit)
    screen = QImage(round(400 * ratio), round(500 * ratio), QImage.Format.Format_RGB32)
    screen.setDevicePixelRatio(ratio)
    screen.fill(0x808080)
    painter = QPainter(screen)
    rect = QRect(QPoint(*corner), QPoint(*corner) + QPoint(width - 1, tiles.height_for(width)))
    tiles.paint(painter, rect, tile, Marks())
    painter.end()
    loader.shut_down()
    y = round((corner[1] + width * 0.4) * ratio)
    row = [screen.pixelColor(x, y).lightness() for x in range(screen.width())]
    seen = [x for x, light in enumerate(row) if light in (0, 255)]
    assert len(seen) == side
    assert seen == list(range(seen[0], seen[0] + side))
    assert [row[x] for x in seen] in ([0, 255] * (side // 2), [255, 0] * (side // 2))


def test_a_picture_for_a_finer_screen_has_more_pixels(qapp):
    tiles = TilePainter(ThumbnailLoader())
    coarse, fine = tiles.fit_for(168, 1.0), tiles.fit_for(168, 2.0)
    assert (fine.width, fine.height) == (2 * coarse.width, 2 * coarse.height)
    assert tiles.fit_for(168, 1.25) == Fit(int(coarse.width * 1.25), int(coarse.height * 1.25), 5.0)


def test_a_picture_made_for_a_wider_place_of_the_same_height_stays_within_its_own(
    qapp, qtbot, tmp_path
):
    loader = ThumbnailLoader()
    tiles = TilePainter(loader)
    fit = tiles.fit_for(170, 1.0)
    tile = Tile(tmp_path / "a.png", TileKind.PLAIN)
    stripes((400, fit.height)).save(tile.path)
    with qtbot.waitSignal(loader.loaded):
        loader.pixmap(tile.path, Fit(400, fit.height))
    screen = QImage(600, 200, QImage.Format.Format_RGB32)
    screen.fill(0x808080)
    painter = QPainter(screen)
    tiles.paint(painter, QRect(200, 0, 170, tiles.height_for(170)), tile, Marks())
    painter.end()
    loader.shut_down()
    painted = [y for y in range(fit.height) if screen.pixelColor(285, y).rgb() != 0xFF808080]
    assert len(painted) == pytest.approx(fit.height * 170 / 400, abs=1)
