"""Where dialogs for pictures begin."""

from PySide6.QtCore import QStandardPaths


def test_dialogs_for_pictures_begin_in_the_folder_of_pictures_and_then_in_the_last_one(
    make_window, coloured
):
    window = make_window()
    pictures = QStandardPaths.StandardLocation.PicturesLocation
    assert window.main.opener.start == QStandardPaths.writableLocation(pictures)
    window.main.open_samples()
    assert window.main.opener.start == QStandardPaths.writableLocation(pictures)
    window.main.opener.open_chosen([coloured])
    assert window.main.opener.start == str(coloured.parent)
    assert make_window().main.opener.start == str(coloured.parent)
