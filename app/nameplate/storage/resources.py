"""Finds the files that come with the program, however it was installed."""

import functools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from nameplate.domain.errors import NameplateError


class InstallationError(NameplateError):
    """A file that comes with the program is missing."""

    exit_code: ClassVar[int] = 3


def resource(*parts: str) -> Path:
    """Return the path of `resources/PARTS`.

    Raises:
        InstallationError: It is not there.
    """
    return _present(data_root().joinpath("resources", *parts))


def starter_model() -> Path:
    """Return the folder of the starter model.

    Raises:
        InstallationError: It is not there.
    """
    return _present(data_root() / "models" / "starter")


def catalogue_file() -> Path:
    """Return the list of models that can be downloaded.

    Raises:
        InstallationError: It is not there.
    """
    return _present(data_root() / "models" / "catalogue.toml")


@functools.cache
def data_root() -> Path:
    """Return the folder that holds `resources/` and `models/`.

    Raises:
        InstallationError: Neither wheel, checkout nor bundle has one.
    """
    package = Path(__file__).resolve().parents[1]
    return find_data_root(package, getattr(sys, "_MEIPASS", None))


def find_data_root(package: Path, bundle: str | None) -> Path:
    """Return the data root of the package in folder `package`.

    Args:
        package: The folder of the import package `nameplate`.
        bundle: Where PyInstaller unpacked the program (`sys._MEIPASS`); None outside a bundle.

    Raises:
        InstallationError: None of the program's homes has one.
    """
    for root in _homes(package, bundle):
        if (root / "resources").is_dir():
            return root
    raise InstallationError("installation-incomplete", where=str(package))


def _homes(package: Path, bundle: str | None) -> Iterator[Path]:
    if bundle is not None:
        yield Path(bundle) / "nameplate" / "_data"
    yield package / "_data"  # an installed wheel
    yield package.parents[1]  # a checkout: app/nameplate -> app -> the repository


def _present(path: Path) -> Path:
    if not path.exists():
        raise InstallationError("missing-from-installation", where=str(path))
    return path
