"""Runs this checkout's tests on Windows' Python under wine.

    python packaging/windows/run_tests.py FOLDER [pytest's arguments]

FOLDER is what `assemble.py --for-tests` made. Tests that fail for wine's sake are in
not_under_wine.txt, and left out.
"""

# ruff: noqa: S603 - it starts wine on purpose

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
SEARCHED: Final = ("python313.zip", ".", f"Z:{ROOT / 'app'}", "Lib\\site-packages")


def main() -> None:
    """Run pytest with the arguments after the folder, all default tests if there are none."""
    package, *arguments = sys.argv[1:]
    folder = Path(package).resolve()
    shutil.rmtree(folder / "Lib" / "site-packages" / "nameplate", ignore_errors=True)
    (folder / "python313._pth").write_text("\r\n".join(SEARCHED), encoding="utf-8", newline="")
    lines = (HERE / "not_under_wine.txt").read_text(encoding="utf-8").splitlines()
    left_out = [line.split("  #")[0] for line in lines if line and not line.startswith("#")]
    prefix = ROOT / "build" / "windows" / "wine"
    prefix.parent.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "WINEPREFIX": str(prefix),
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "winemenubuilder.exe=d",
        "QT_QPA_PLATFORM": "offscreen",
    }
    command = ["wine", folder / "python.exe", "-X", "utf8", "-m", "pytest", "-q", "--tb=short"]
    command += ["-p", "no:cacheprovider", *(f"--deselect={name}" for name in left_out)]
    # pytest tidies up among what earlier runs left; wine cannot delete all that those on Linux did.
    with tempfile.TemporaryDirectory(dir="/dev/shm", ignore_cleanup_errors=True) as kept:
        environment["PYTEST_DEBUG_TEMPROOT"] = f"Z:{kept}"
        done = subprocess.run([*command, *arguments], cwd=ROOT, env=environment, check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
