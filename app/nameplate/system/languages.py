"""The languages that a person's system is set to."""

import locale
import os
import sys
from typing import Final

_WHERE: Final = ("LC_ALL", "LC_MESSAGES", "LANG")


def system_languages() -> list[str]:
    """Return the languages of the system, most wanted first, such as `de_AT.UTF-8`.

    As with gettext, `LANGUAGE` comes first, but not where the locale is `C`.
    """
    chosen = next((value for name in _WHERE if (value := os.environ.get(name))), "")
    if not chosen and sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - its functions for Windows are only there

        number = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        return [locale.windows_locale.get(number, "")]
    listed = os.environ.get("LANGUAGE", "")
    is_plain = chosen.partition(".")[0] in ("C", "POSIX")
    return [*(listed.split(":") if listed and not is_plain else ()), chosen]
