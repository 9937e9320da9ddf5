"""Adds the folder of the program to the person's PATH, or takes it away: `nameplate --path-entry`.

For the installer, whose own strings are too short for many a PATH. What else is in it, and whether
it refers to other variables, stays as it is.
"""

import sys
import winreg
from pathlib import Path

FOLDER = str(Path(__file__).parent)


def main() -> None:
    """Do what the last argument says: `add` or `remove`."""
    with winreg.CreateKeyEx(
        winreg.HKEY_CURRENT_USER, "Environment", access=winreg.KEY_READ | winreg.KEY_SET_VALUE
    ) as key:
        try:
            before, kind = winreg.QueryValueEx(key, "Path")
        except FileNotFoundError:
            before, kind = "", winreg.REG_EXPAND_SZ
        entries = [one for one in before.split(";") if one.casefold() != FOLDER.casefold()]
        if sys.argv[-1] == "add":
            entries = [*filter(None, entries), FOLDER]
        after = ";".join(entries)
        if after != before:
            winreg.SetValueEx(key, "Path", 0, kind, after)
