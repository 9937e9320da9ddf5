"""Stores added models, each in a folder of its own that is complete or absent."""

import os
import re
import shutil
import sys
from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from nameplate.domain.errors import ModelError, OutputError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.inference.manifest import manifest_text, verify_files
from nameplate.inference.model_files import GET_AGAIN
from nameplate.inference.specs import ModelManifest
from nameplate.model_hub.installed import installed_model
from nameplate.model_hub.trial import describe_folder, try_out
from nameplate.storage.atomic import output_error, put_in_place
from nameplate.storage.folders import MANIFEST, make_private_folder, models_folder
from nameplate.storage.lock import locked
from nameplate.storage.whole_folder import working_folder
from nameplate.system.failures import words_of

RESERVED: Final = ("starter",)
CHECK_STORE: Final = Message("check-store")
TEXTS: Final = ("README.md", "LICENSE", "LICENSE.md", "LICENSE.txt")
"""Files for people that are copied with a model."""

_TEMPORARY: Final = ".adding-"
_STAGING: Final = ".getting-"
_LOCK: Final = "lock"
_BLOCK: Final = 1 << 20


def _make_store() -> None:
    """Make the folder of all models, and this program's data folder around it."""
    make_private_folder(models_folder().parent)
    models_folder().mkdir(exist_ok=True)


def install_model(
    model_id: str,
    source: Path,
    files: Iterable[str],
    manifest: str,
    cancel: CancelToken | None = None,
) -> Path:
    """Copy the `files` of a model into the store; return where it is now.

    The copy is made beside its place and renamed when it is complete; the source stays as it is.

    Raises:
        ModelError: The id is taken.
        OutputError: It cannot be copied, for lack of space or permission.
    """
    target = _free_place(model_id)
    try:
        _make_store()
        with working_folder(models_folder(), _TEMPORARY) as temporary:
            temporary.mkdir()
            for name in files:
                _copy(source / name, temporary / name, cancel or CancelToken())
            _write(temporary / MANIFEST, manifest.encode())
            put_in_place(temporary, target)
    except OSError as error:
        raise output_error(target, error, other=CHECK_STORE) from error
    return target


@contextmanager
def staging_folder(model_id: str, name: str) -> Generator[Path]:
    """Yield the folder in which `model_id` is assembled, locked for this process.

    It lies in the store, so that the complete model needs only a new name. It stays, with all
    downloaded bytes, until `adopt_model`. By its `name` some facts about a model are found.

    Raises:
        ModelError: The id is taken, or another process assembles this model.
        OutputError: The folder cannot be made.
    """
    target = _free_place(model_id)
    staging = target.parent / f"{_STAGING}{model_id}"
    with ExitStack() as released, ExitStack() as stack:
        try:
            _make_store()
            staging.mkdir(exist_ok=True)
            is_free = stack.enter_context(locked(staging / _LOCK))
        except OSError as error:
            raise output_error(target, error, other=CHECK_STORE) from error
        if not is_free:
            raise ModelError("is-being-downloaded", model=model_id)
        stack.callback(_drop_if_empty, model_id, staging)
        if sys.platform == "win32":  # an open file, as the lock is, cannot be deleted there
            released.callback(_drop_if_empty, model_id, staging)
        _free_place(model_id)  # again: whoever held the lock may have installed it
        yield staging / name


def staged_bytes(model_id: str) -> int:
    """Return the size of a model's staging folder in bytes; 0 if there is none."""
    staging = _staged(model_id)
    if staging is None:
        return 0
    return sum(path.stat().st_size for path in staging.glob("*/**/*") if path.is_file())


def _drop_if_empty(model_id: str, staging: Path) -> None:
    if not staged_bytes(model_id):
        shutil.rmtree(staging, ignore_errors=True)


def adopt_model(model_id: str, folder: Path) -> Path:
    """Install the complete model from its staging folder; return where it is now.

    Raises:
        ModelError: The id was taken meanwhile.
        OutputError: It cannot be renamed.
    """
    target = _free_place(model_id)
    try:
        put_in_place(folder, target)
    except OSError as error:
        raise output_error(target, error, other=CHECK_STORE) from error
    shutil.rmtree(folder.parent, ignore_errors=True)
    return target


def add_model(source: Path, cancel: CancelToken | None = None) -> tuple[Path, ModelManifest]:
    """Read the model in `source`, check it in a child process, and copy it into the store.

    Raises:
        ModelError: It is damaged, does not pass its self-check, or its id is taken.
        OutputError: It cannot be copied.
    """
    manifest = describe_folder(source, cancel)
    if problems := try_out(source, cancel):
        raise ModelError("faulty-model", where=str(source), problems=problems, remedy=GET_AGAIN)
    names = [file.name for file in manifest.files]
    texts = [name for name in TEXTS if (source / name).is_file()]
    names += [name for name in texts if not (source / name).is_symlink()]
    text = manifest_text(manifest)
    folder = install_model(manifest.id, source, dict.fromkeys(names), text, cancel)
    try:
        verify_files(folder, manifest)  # the disk may have failed, or the source have changed
    except ModelError:
        remove_model(manifest.id)
        raise
    return folder, manifest


def remove_model(model_id: str) -> None:
    """Delete an added model, or the partial download of one.

    Raises:
        ModelError: There is none of this id.
        OutputError: It cannot be deleted.
    """
    if model_id in RESERVED:
        raise ModelError("comes-with-nameplate", model=model_id)
    folder = installed_model(model_id) or _staged(model_id)
    if folder is None:
        raise ModelError("no-model-added", model=model_id[:200])
    try:
        with working_folder(models_folder(), _TEMPORARY) as doomed:
            # Out of the way first, so that it is gone whole even where deleting it stops midway.
            put_in_place(folder, doomed)
            shutil.rmtree(doomed)
    except OSError as error:
        raise OutputError("cannot-be-removed", where=str(folder), why=words_of(error)) from error


def _staged(model_id: str) -> Path | None:
    """Return the staging folder of a model, if there is one."""
    is_name = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", model_id)
    staging = models_folder() / f"{_STAGING}{model_id}"
    return staging if is_name and staging.is_dir() else None


def _free_place(model_id: str) -> Path:
    """Return the folder for a new model."""
    target = models_folder() / model_id
    if model_id in RESERVED:
        raise ModelError("name-of-starter", model=model_id)
    if os.path.lexists(target):
        raise ModelError("model-is-there", model=model_id)
    return target


def _copy(source: Path, target: Path, cancel: CancelToken) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as one, target.open("xb") as other:
        while block := one.read(_BLOCK):
            cancel.raise_if_cancelled()
            other.write(block)
        other.flush()
        os.fsync(other.fileno())


def _write(target: Path, content: bytes) -> None:
    with target.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
