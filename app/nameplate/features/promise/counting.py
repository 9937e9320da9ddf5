"""Begins promises, and counts their tries where all copies of a project see them.

Undo, other files and older copies of a project would else have first tries again. The tries of
samples are those of their run: they are counted in its folder, too.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from nameplate.domain.errors import NameplateError
from nameplate.domain.messages import Message
from nameplate.features.promise.facts import Tries
from nameplate.features.promise.rules.as_json import tries_json, tries_of
from nameplate.features.promise.rules.beginning import PromiseStep, begin
from nameplate.features.promise.rules.promises import NO_TRIES, joined_tries, tries_in
from nameplate.formats.shards.manifest import read_manifest
from nameplate.project.labelling import Circumstances
from nameplate.project.project import Project
from nameplate.storage.atomic import write_bytes
from nameplate.storage.folders import make_private_folder, tries_folder
from nameplate.storage.kept_json import read_json
from nameplate.storage.lock import locked
from nameplate.system.elsewhere import is_elsewhere
from nameplate.system.failures import reason_of

TRIES_NAME: Final = "tries.json"
"""Of the file in the folder of a run."""

_LARGEST: Final = 1 << 22
"""Bytes of such a file."""

_WAIT: Final = 2.0
"""Seconds for another window that begins a promise; then both count, as well as they can."""


def counted_tries(project: Project) -> Tries:
    """Return the tries that were counted outside of a project's file, as far as can be read."""
    tries = NO_TRIES
    for path in _places(project):
        if isinstance(path, Path):
            try:
                tries = joined_tries(tries, _read(path))
            except (OSError, ValueError):
                continue
    return tries


def begin_counted(
    project: Project, now: Circumstances, target: float, confidence: float = 0.95
) -> tuple[PromiseStep, Message | None]:
    """Return the step that begins a promise, which is counted, and why it is not everywhere.

    It is counted before anything of it is seen. The project's file counts it with the step.

    Raises:
        UsageError: As `begin`.
    """
    reasons, places = list[Message](), list[Path]()
    with ExitStack() as held:  # from reading to writing: two windows may begin at once
        for path in _places(project):
            if isinstance(path, Message):
                reasons.append(path)
                continue
            try:
                lock = path.with_name(f"{path.name}.lock")
                held.enter_context(locked(lock, seconds=_WAIT))
                places.append(path)
            except OSError as error:
                reasons.append(reason_of(error))
        step = begin(project, now, target, confidence, before=counted_tries(project))
        assert step.promise is not None  # noqa: S101 - what `begin` returns
        new = {step.promise.seed: step.promise.tries}
        reasons.extend(_count(places, joined_tries(tries_in(project), new)))
    why = Message("tries-not-counted", {"why": reasons[-1]}) if reasons else None
    return step, why


def _count(places: list[Path], tries: Tries) -> Iterator[Message]:
    """Add tries to files that count them; yield why one could not be."""
    for path in places:
        try:
            there = _read(path)
            known = joined_tries(there, tries)
            if known != there:
                write_bytes(path, json.dumps(tries_json(known)).encode(), follow_links=False)
        except OSError as error:
            yield reason_of(error)
        except NameplateError as error:
            yield error.reason
        except ValueError:
            yield Message("tries-damaged")


def _places(project: Project) -> Iterator[Path | Message]:
    """Yield the files in which the tries of a project count, or why there is none."""
    sample, life = project.sample, project.identity
    if sample is not None:
        life = f"{sample.run} {sample.fingerprint}"
        folder = Path(sample.folder)
        if is_elsewhere(sample.folder):
            yield Message("run-is-elsewhere")
        elif not _is_run(folder, sample.run):
            yield Message("run-is-gone")
        else:
            yield folder / TRIES_NAME
    try:
        make_private_folder(tries_folder())
    except OSError as error:
        yield reason_of(error)
        return
    name = hashlib.blake2b(life.encode(errors="replace"), digest_size=16).hexdigest()
    yield tries_folder() / f"{name}.json"


def _is_run(folder: Path, run: str) -> bool:
    """Whether the folder is that of a run: nothing is written into any other one."""
    try:
        manifest = read_manifest(folder)
    except (NameplateError, OSError, ValueError):
        return False
    return manifest is not None and manifest.list_digest == run


def _read(path: Path) -> Tries:
    """Return the tries in a file, which is untrusted; none where there is none yet."""
    try:
        return tries_of(read_json(path, _LARGEST, follow_links=False))
    except FileNotFoundError:
        return NO_TRIES
    except (TypeError, LookupError) as error:
        raise ValueError("no tries") from error
