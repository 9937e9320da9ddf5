"""Typed access to the JSON configuration files of exporters."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from nameplate.domain.errors import ModelError
from nameplate.inference.files import inside, size_of

REMEDY: Final = "Correct the file, or get the model again."
LARGEST_FILE: Final = 5_000_000
"""Bytes; a `tokenizer_config.json` with 6,000 reserved tokens has 1,200,000."""


class Config:
    """A JSON object. Missing and null keys are None; values of another type are errors.

    Attributes:
        exists: Whether the file or object exists.
    """

    def __init__(self, values: Mapping[str, object] | None, where: str) -> None:
        self.exists = values is not None
        self._values = values or {}
        self._where = where

    @classmethod
    def read(cls, folder: Path, name: str) -> "Config":
        """Read `name` in `folder`; an empty one where there is no such file.

        Raises:
            ModelError: It leads out of the folder, is too large, or is not a JSON object.
        """
        path = inside(folder, name)
        try:
            if size_of(path, REMEDY) > LARGEST_FILE:
                raise ModelError("is too large to be one", where=str(path), remedy=REMEDY)
            values = json.loads(path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            return cls(None, str(path))
        except OSError as error:
            what = f"cannot be read ({error.strerror})"
            raise ModelError(what, where=str(path), remedy=REMEDY) from error
        except (ValueError, RecursionError) as error:
            what = f"is not a valid JSON file ({error})"
            raise ModelError(what, where=str(path), remedy=REMEDY) from error
        if not isinstance(values, dict):
            raise ModelError("is not a JSON object", where=str(path), remedy=REMEDY)
        return cls(cast("dict[str, object]", values), str(path))

    def refuse(self, key: str, reason: str) -> ModelError:
        """Return an error about the value of `key`."""
        return ModelError(f"the key “{key}” {reason}", where=self._where, remedy=REMEDY)

    def raw(self, key: str) -> object:
        """Return the value of `key`, of any type."""
        return self._values.get(key)

    def text(self, key: str) -> str | None:
        """Return the string under `key`."""
        value = self.raw(key)
        if value is not None and not isinstance(value, str):
            raise self.refuse(key, "must be a text")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Return the boolean under `key`."""
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.refuse(key, "must be true or false")
        return value

    def whole(self, key: str) -> int | None:
        """Return the whole number under `key`."""
        value = self.number(key)
        if value is None:
            return None
        if not math.isfinite(value) or value != int(value):
            raise self.refuse(key, "must be a whole number")
        return int(value)

    def number(self, key: str) -> float | None:
        """Return the number under `key`."""
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(key, "must be a number")
        try:
            return float(value)
        except OverflowError as error:
            raise self.refuse(key, "is too large") from error

    def numbers(self, key: str) -> list[float] | None:
        """Return the list of numbers under `key`."""
        value = self.raw(key)
        if value is None:
            return None
        items = cast("list[object]", value) if isinstance(value, list) else None
        if items is None or not all(isinstance(item, int | float) for item in items):
            raise self.refuse(key, "must be a list of numbers")
        try:
            return [float(cast("float", item)) for item in items]
        except OverflowError as error:
            raise self.refuse(key, "holds a number that is too large") from error

    def table(self, key: str) -> "Config":
        """Return the object under `key`; an empty one where the value is of another type."""
        value = self.raw(key)
        values = cast("dict[str, object]", value) if isinstance(value, dict) else None
        return Config(values, f"{self._where}, {key}")
