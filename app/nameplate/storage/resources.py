"""Finds the files that come with the program, however it was installed.

All of it raises an `InstallationError` for a file that is not there.
"""

import functools
import sys
from pathlib import Path
from typing import ClassVar

from nameplate.domain.errors import NameplateError


class InstallationError(NameplateError):
    """A file that comes with the program is missing."""

    exit_code: ClassVar[int] = 3


def resource(*parts: str) -> Path:
    """Return the path of `resources/PARTS`."""
    return _present("resources", *parts)


def starter_model() -> Path:
    """Return the folder of the starter model."""
    return _present("models", "starter")


def catalogue_file() -> Path:
    """Return the list of models that can be downloaded."""
    return _present("models", "catalogue.toml")


@functools.cache
def data_root() -> Path:
    """Return the folder that holds `resources/` and `models/`."""
    package = Path(__file__).resolve().parents[1]
    return find_data_root(package, getattr(sys, "_MEIPASS", None))


def find_data_root(package: Path, bundle: str | None) -> Path:
    """Return the data root of the package in folder `package`.

    Args:
        package: The folder of the import package `nameplate`.
        bundle: Where PyInstaller unpacked the program (`sys._MEIPASS`); None outside a bundle.
    """
    homes = [package / "_data", package.parents[1]]  # an installed wheel; a checkout
    if bundle is not None:
        homes.insert(0, Path(bundle, "nameplate", "_data"))
    for root in homes:
        if (root / "resources").is_dir():
            return root
    raise InstallationError("installation-incomplete", where=str(package))


def _present(*parts: str) -> Path:
    path = data_root().joinpath(*parts)
    if not path.exists():
        raise InstallationError("missing-from-installation", where=str(path))
    return path
