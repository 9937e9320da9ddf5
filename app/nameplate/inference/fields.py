"""Reads the TOML file of a model folder, which is untrusted input."""

import tomllib
from pathlib import Path
from typing import Final

from nameplate.domain.errors import ModelError
from nameplate.domain.table import REMEDY, Table
from nameplate.inference.files import size_of

__all__ = ["LARGEST_FILE", "Table", "parse_table", "read_table"]

LARGEST_FILE: Final = 1_000_000
"""Bytes; a manifest that lists a hundred files has 20,000."""

_MAX_DOTS: Final = 1_000
"""In a line; the time to parse a dotted key grows with the square of their number."""


def read_table(path: Path) -> Table:
    """Read the TOML file at `path`.

    Raises:
        ModelError: It is missing, not a regular file, unreadable, larger than LARGEST_FILE, or not
            TOML in UTF-8.
    """
    try:
        if size_of(path, REMEDY) > LARGEST_FILE:
            what = f"is larger than {LARGEST_FILE:,} bytes, too much for a manifest"
            raise ModelError(what, where=str(path), remedy=REMEDY)
        return parse_table(path.read_text(encoding="utf-8-sig"), path)
    except FileNotFoundError as error:
        raise ModelError("is missing", where=str(path), remedy=REMEDY) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ModelError(f"cannot be read ({reason})", where=str(path), remedy=REMEDY) from error
    except UnicodeDecodeError as error:
        raise _no_toml(path, error) from error


def parse_table(text: str, path: Path) -> Table:
    """Parse `text` as TOML; `path` is named in messages.

    Raises:
        ModelError: It is not TOML, or has a line with too many dots.
    """
    if any(line.count(".") > _MAX_DOTS for line in text.splitlines()):
        what = f"has a line with more than {_MAX_DOTS:,} dots, too many for a manifest"
        raise ModelError(what, where=str(path), remedy=REMEDY)
    try:
        return Table(tomllib.loads(text), path)
    # ValueError: not TOML, or a number with too many digits; RecursionError: nested too deep.
    except (ValueError, RecursionError) as error:
        raise _no_toml(path, error) from error


def _no_toml(path: Path, error: Exception) -> ModelError:
    return ModelError(f"is not a valid TOML file ({error})", where=str(path), remedy=REMEDY)
