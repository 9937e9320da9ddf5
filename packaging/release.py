"""Makes a release: version, CHANGELOG, tag, wheel, checks, checksums, notes.

    python packaging/release.py 1.0.0 --dry-run            # all but the commit and the tag
    python packaging/release.py 1.0.0 --make bundle deb

All of it happens in a clone, and the checkout gets the commit and the tag only if nothing failed.
Nothing is pushed or uploaded: that is the last step, by a person. The files are in
`dist/release-VERSION`.
"""

# ruff: noqa: S603 - it starts git, make and the program that it made

import argparse
import datetime as dt
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import changelog
import translations

ROOT: Final = Path(__file__).resolve().parents[1]
METAINFO: Final = "packaging/org.nameplate.Nameplate.metainfo.xml"
VERSION: Final = {
    "pyproject.toml": r'(?m)^version = "(.+)"',
    "app/nameplate/__init__.py": r'__version__\b[^=]*= "(.+)"',
    "packaging/macos/nameplate.rb": r'(?m)^  version "(.+)"',
}
"""Where the version stands, as a pattern with one group."""

RELEASES: Final = re.compile(r"\n  <releases>.*?</releases>", re.DOTALL)
PACKAGES: Final = ("*.deb", "*.rpm", "*.run", "windows/*-setup.exe", "*.dmg")
"""Where make targets leave packages in `dist`."""

LEFT_OPEN: Final = (
    (
        "packaging/linux/nfpm.yaml",
        r"nameplate\.invalid",
        "the maintainer's address, for deb and rpm",
    ),
    ("packaging/macos/nameplate.rb", r"nameplate\.invalid", "where the image lies, and a homepage"),
    ("packaging/macos/nameplate.rb", r'sha256 "0+"', "the checksum of the image, once it is made"),
    (METAINFO, r"(?s)\A(?!.*<url )", "a homepage and screenshots, for stores"),
    ("pyproject.toml", r"(?s)\A(?!.*project\.urls)", "project.urls, which PyPI shows"),
)
"""What only a person can supply: a file, a pattern of it without that, and what it is."""

UNSIGNED: Final = {".deb", ".rpm", ".exe"}
"""Packages that a system asks a signature of, which nothing here gives them."""


class ReleaseError(Exception):
    """There is a reason not to release."""


def version_of(root: Path) -> str:
    """Return the one version that all files name."""
    found = {
        file: re.search(pattern, (root / file).read_text("utf-8"))
        for file, pattern in VERSION.items()
    }
    versions = {file: match[1] if match else "none" for file, match in found.items()}
    if len(set(versions.values())) != 1:
        raise ReleaseError(f"the files name different versions: {versions}")
    return next(iter(versions.values()))


def set_version(root: Path, version: str, date: str) -> None:
    """Write a version into all files that name it, and into the store's list of releases."""
    for file, pattern in VERSION.items():
        text = (root / file).read_text("utf-8")
        match = re.search(pattern, text)
        if match is None:
            raise ReleaseError(f"{file} has no version")
        (root / file).write_text(text[: match.start(1)] + version + text[match.end(1) :], "utf-8")
    text = (root / METAINFO).read_text("utf-8")
    line = f'    <release version="{version}" date="{date}"/>\n'
    if RELEASES.search(text):
        text = text.replace("<releases>\n", "<releases>\n" + line, 1)
    else:
        text = text.replace("</component>", f"  <releases>\n{line}  </releases>\n</component>", 1)
    (root / METAINFO).write_text(text, "utf-8")


def is_newer(version: str, than: str) -> bool:
    """Return whether a version of three numbers comes after another."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise ReleaseError(f"{version}: a version is three numbers, such as 1.0.0")
    return [*map(int, version.split("."))] > [*map(int, than.split("."))]


def require_ready(root: Path, version: str) -> None:
    """Stop unless all is committed and translated, and the version is new."""
    if run(root, "git", "status", "--porcelain"):
        raise ReleaseError("there are changes that are not committed")
    if run(root, "git", "tag", "--list", f"v{version}"):
        raise ReleaseError(f"the tag v{version} is there already")
    if not is_newer(version, version_of(root)):
        raise ReleaseError(f"{version} is not newer than {version_of(root)}")
    for path in sorted((root / "packaging" / "translations").glob("*.po")):
        if left := translations.untranslated(translations.load(path)):
            raise ReleaseError(f"{path.name} does not translate {len(left)}, such as {left[0]!r}")


def prepare(clone: Path, version: str, date: str) -> str:
    """Commit and tag the version in a clone; return the notes."""
    set_version(clone, version, date)
    new = changelog.fragments(clone / "changes")
    text, notes = changelog.released(
        (clone / "CHANGELOG.md").read_text("utf-8"), new, version, date
    )
    (clone / "CHANGELOG.md").write_text(text, "utf-8")
    for file in new:
        file.unlink()
    run(clone, "git", "add", "--all")
    run(clone, "git", "commit", "--quiet", "-m", f"Release {version}")
    message = f"Nameplate {version}\n\n{notes}"
    run(clone, "git", "tag", "-a", f"v{version}", "--cleanup=verbatim", "-m", message)
    return notes


def build(clone: Path, out: Path, targets: list[str]) -> Path:
    """Put wheel, source archive and packages into `out`; return the wheel."""
    run(clone, sys.executable, "-m", "build", "--outdir", str(out))
    if targets:  # at once, since several packages hold the same bundle
        run(clone, "make", *targets)
    for pattern in PACKAGES:
        for file in (clone / "dist").glob(pattern):
            shutil.move(file, out / file.name)
    return next(out.glob("*.whl"))


def check(clone: Path, wheel: Path, version: str) -> None:
    """Try what was built as a stranger would: in an environment with nothing else."""
    archives = (wheel, *wheel.parent.glob("*.tar.gz"))
    run(clone, sys.executable, "-m", "twine", "check", "--strict", *map(str, archives))
    run(clone, sys.executable, "packaging/licences.py")
    place = clone / ".venv-shipped"
    run(clone, sys.executable, "-m", "venv", str(place))
    scripts = place / ("Scripts" if sys.platform == "win32" else "bin")
    constraints = ("-c", str(clone / "constraints.txt"))
    run(clone, str(scripts / "pip"), "install", "--quiet", *constraints, f"{wheel}[cpu]")
    said = run(place, str(scripts / "nameplate"), "--version")
    if said != f"nameplate {version}":
        raise ReleaseError(f"--version says “{said}”")
    run(place, str(scripts / "nameplate"), "demo", "--out", str(place / "demo-out"))
    if not (place / "demo-out" / "labels.csv").is_file():
        raise ReleaseError("the demo wrote no labels")
    run(clone, str(scripts / "pip"), "uninstall", "--quiet", "--yes", "pip", "setuptools")
    sbom = wheel.parent / f"nameplate-{version}.cdx.json"
    describe(clone, scripts / "python", sbom)


def describe(clone: Path, python: Path, sbom: Path) -> None:
    """Write what an environment holds as CycloneDX."""
    options = ("--output-reproducible", "--pyproject", "pyproject.toml", "--of", "JSON")
    run(clone, sys.executable, "-m", "cyclonedx_py", "environment", *options, "-o", str(sbom),
        str(python))  # fmt: skip


def checksums(folder: Path) -> str:
    """Return the lines of a file that `sha256sum --check` reads."""
    files = [file for file in sorted(folder.iterdir()) if file.name != "SHA256SUMS"]
    return "".join(f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}\n" for f in files)


def left_open(root: Path, made: Path) -> list[str]:
    """Return what a person must still supply before the files in `made` are given away."""
    lines = [
        f"{file}: {what}"
        for file, pattern, what in LEFT_OPEN
        if re.search(pattern, (root / file).read_text("utf-8"))
    ]
    return lines + [
        f"{file.name}: a signature" for file in sorted(made.iterdir()) if file.suffix in UNSIGNED
    ]


def run(folder: Path, *command: str) -> str:
    """Run a command, stop if it fails, and return what it said."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}".strip())
    return done.stdout.strip()


def release(version: str, targets: list[str], *, is_dry: bool, root: Path = ROOT) -> Path:
    """Make a release of what is committed in `root`; return the folder of its files."""
    require_ready(root, version)
    date = dt.datetime.now(dt.UTC).date().isoformat()
    dist = root / "dist"
    dist.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as box, tempfile.TemporaryDirectory(dir=dist) as beside:
        clone, made = Path(box) / "nameplate", Path(beside) / "made"
        made.mkdir()
        run(root, "git", "clone", "--quiet", str(root), str(clone))
        for key in ("user.name", "user.email"):
            run(clone, "git", "config", key, run(root, "git", "config", key))
        notes = prepare(clone, version, date)
        wheel = build(clone, made, targets)
        check(clone, wheel, version)
        (made / "NOTES.md").write_text(notes, "utf-8")
        (made / "SHA256SUMS").write_text(checksums(made), "utf-8")
        if not is_dry:  # the commit first: it fails where others were made meanwhile
            run(root, "git", "pull", "--quiet", "--ff-only", "--no-tags", str(clone), "HEAD")
            run(root, "git", "fetch", "--quiet", str(clone), "tag", f"v{version}")
        out = dist / f"release-{version}"
        shutil.rmtree(out, ignore_errors=True)  # of a try before
        made.rename(out)
    return out


def main() -> None:
    """Release the version that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("version", help="such as 1.0.0")
    parser.add_argument("--dry-run", action="store_true", help="no commit and no tag")
    parser.add_argument("--make", nargs="*", default=[], metavar="TARGET", help="packages as well")
    options = parser.parse_args()
    try:
        out = release(options.version, options.make, is_dry=options.dry_run)
    except (ReleaseError, changelog.ChangelogError) as error:
        sys.exit(f"not released: {error}")
    for file in sorted(out.iterdir()):
        print(f"{file.stat().st_size / 1e6:8.2f} MB  {file.name}")
    for line in left_open(ROOT, out):
        print(f"not there yet  {line}")
    print(f"{'tried' if options.dry_run else 'tagged'} {options.version}: {out}")


if __name__ == "__main__":
    main()
