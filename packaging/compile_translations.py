"""Compiles the translations from PO files to MO files, which the program reads.

Installing Nameplate, also from a checkout, and building its wheel do it by `build_hook.py`.
"""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

_DATE: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""In each file, so that the same translation makes the same file."""


def compile_all(root: Path) -> None:
    """Compile all translations of the checkout `root`, in place of those that are there."""
    folder = root / "resources" / "translations"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for source in (root / "packaging" / "translations").glob("*.po"):
        (folder / f"{source.stem}.mo").write_bytes(compiled(source))


def compiled(source: Path) -> bytes:
    """Return the MO file of a PO file, without texts that are not translated or uncertain."""
    with source.open("rb") as stream:
        catalogue = read_po(stream, locale=source.stem)
    catalogue.creation_date = _DATE
    content = BytesIO()
    write_mo(content, catalogue)
    return content.getvalue()
