"""Reads the files of a folder one after the other, as the window does; a process of its own.

Arguments: a model folder, and a folder of files. Prints a line of JSON before each file, and one
after it with the seconds and the reason why it cannot be read.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from nameplate.domain.errors import ImageError
from nameplate.inference.manifest import read_manifest
from nameplate.services.reading import read_pixels
from nameplate.storage.pictures import thumbnail


def main(model: Path, folder: Path) -> None:
    spec = read_manifest(model).image
    for path in sorted(folder.iterdir()):
        tell(name=path.name)
        begun = time.monotonic()
        reasons = [
            reason_of(lambda: thumbnail(path, 256)),
            reason_of(lambda: read_pixels(path, spec)),
        ]  # noqa: B023, E501
        tell(name=path.name, seconds=time.monotonic() - begun, reasons=reasons)


def reason_of(read: Callable[[], object]) -> str:
    try:
        read()
    except ImageError as error:
        return error.what
    return ""


def tell(**values: object) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
