"""Fills the winget manifests for a release: version, address and checksum of the installer.

    python packaging/windows/fill_winget.py SETUP.exe URL OUT

winget's own `winget validate OUT` checks them on Windows.
"""

import argparse
import hashlib
from pathlib import Path
from typing import Final

TEMPLATES: Final = Path(__file__).resolve().parent / "winget"


def main() -> None:
    """Write the manifests that the command line asks for."""
    parser = argparse.ArgumentParser(description="Fill the winget manifests.")
    parser.add_argument("setup", type=Path, help="nameplate-VERSION-setup.exe")
    parser.add_argument("url", help="where it can be downloaded")
    parser.add_argument("out", type=Path, help="a folder for the manifests")
    args = parser.parse_args()
    values = {
        "0.0.0": args.setup.name.split("-")[1],
        "INSTALLER_URL": args.url,
        "INSTALLER_SHA256": hashlib.sha256(args.setup.read_bytes()).hexdigest().upper(),
    }
    args.out.mkdir(parents=True, exist_ok=True)
    for template in TEMPLATES.glob("*.yaml"):
        text = template.read_text(encoding="utf-8")
        for name, value in values.items():
            text = text.replace(f": {name}\n", f": {value}\n")
        (args.out / template.name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
