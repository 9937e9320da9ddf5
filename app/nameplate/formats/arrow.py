"""Loads pyarrow, which is optional, where Parquet is read or written."""

import importlib
from pathlib import Path
from typing import Any

from nameplate.domain.errors import UsageError


def load_pyarrow() -> tuple[Any, Any]:
    """Return pyarrow and its module for Parquet.

    Raises:
        ImportError: It is not installed, or does not work.
    """
    return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")


def require_pyarrow(path: Path) -> tuple[Any, Any]:
    """Import pyarrow for reading or writing `path`.

    Raises:
        UsageError: It is not installed, or does not work.
    """
    try:
        return load_pyarrow()
    except ImportError as error:
        raise UsageError("no-pyarrow", where=path) from error
