"""The About dialog."""

from PySide6.QtWidgets import QMessageBox, QWidget

from nameplate import __version__


def show_about(parent: QWidget) -> None:
    """Show name, version, licence and libraries."""
    QMessageBox.about(
        parent,
        "About Nameplate",
        f"<b>Nameplate {__version__}</b><p>Label pictures by naming things.</p>"
        "<p>Apache-2.0. Built with Qt, onnxruntime, Pillow and numpy.</p>",
    )
