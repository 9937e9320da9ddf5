"""Brings the file of a project that an older Nameplate made up to this version, step by step."""

import sqlite3
from collections.abc import Mapping
from typing import Final

STEPS: Final[Mapping[int, tuple[str, ...]]] = {
    2: (  # what the files of images hold, so that they are found after they were moved
        "ALTER TABLE images ADD COLUMN size INTEGER NOT NULL DEFAULT -1",
        "ALTER TABLE images ADD COLUMN digest BLOB",
        # and the titles of steps as all messages are
        """UPDATE steps SET title = json_object(
            'code', json_extract(title, '$.code'), 'parameters', json_remove(title, '$.code'))""",
    ),
}
"""Version -> the statements that make it of the version before."""

VERSION: Final = max(STEPS)
"""The version of files that this Nameplate writes (`user_version` in the head of the file)."""


def migrate(db: sqlite3.Connection) -> None:
    """Bring a file up to `VERSION`; the caller begins and ends the transaction.

    Raises:
        sqlite3.Error: A step failed; nothing may be committed.
    """
    (version,) = db.execute("PRAGMA user_version").fetchone()
    for number in range(version + 1, VERSION + 1):
        for statement in STEPS[number]:
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {VERSION}")
