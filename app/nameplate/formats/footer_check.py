"""Looks at the ends of Parquet files in a child process.

pyarrow ends the whole process at some ends of files that are damaged or forged. A file of others is
therefore looked at where nothing is lost, before it is read here.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.formats.arrow import load_pyarrow
from nameplate.formats.parquet_pieces import open_parquet
from nameplate.system.child import ChildError, Limits, call_in_child
from nameplate.system.child_frames import Frame, Room
from nameplate.system.opening import open_regular

_LIMITS: Final = Limits(seconds=20.0, bytes=1_000_000_000)


def has_fatal_end(path: Path, cancel: CancelToken) -> bool:
    """Return whether to look at the end of a Parquet file would end this process.

    One that cannot be read in another way has none: reading it raises an error.

    Raises:
        UsageError: No child process can be started.
        CancelledError: `cancel` was set.
    """
    arguments = {"file": os.fspath(path)}
    try:
        call_in_child(look_task, arguments, _LIMITS, raises=UsageError, cancel=cancel)
    except ChildError as error:
        if error.why == "start":
            raise UsageError("no-process-for-file", where=path) from error
        return True
    return False


def look_task(arguments: Mapping[str, Any], _room: Room) -> Frame:
    """Run the child's task of `has_fatal_end`: read all that is read of the end of a file."""
    arrow, _ = load_pyarrow()
    try:
        with open_regular(arguments["file"], follow_links=False) as stream:
            size = os.fstat(stream.fileno()).st_size
            file = open_parquet(stream, most_footer=size)
            file.schema_arrow.to_string()
            file.metadata.to_dict()
    except (arrow.ArrowException, OSError, LookupError, TypeError, ValueError):
        pass
    return Frame({})
