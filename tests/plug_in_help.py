"""Plug-ins for tests: put where an installer puts them."""

import shutil
from pathlib import Path


def install(place: Path, name: str, code: Path | str) -> None:
    """Put a package of others where an installer puts it."""
    if isinstance(code, Path):
        shutil.copytree(code, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        (place / name).mkdir(parents=True)
        (place / name / "__init__.py").write_text(code)
    info = place / f"{name}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[nameplate.features]\n{name} = {name}\n")
