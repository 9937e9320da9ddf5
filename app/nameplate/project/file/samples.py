"""A sample of a run as what JSON can hold; read from files that anybody may have made."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.images import CONTENT, UNKNOWN
from nameplate.domain.labels import LabelTable
from nameplate.project.file.values import Json, whole_number
from nameplate.project.project import Project
from nameplate.project.samples import MOST_SAMPLED, Sample, vectors_of

T = TypeVar("T")

_LONGEST: Final = 20_000
"""Characters of a path, a URL or a problem."""

_HALF: Final = np.dtype("<f2")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_LARGEST: Final = 2**53
_MOST_DIMENSION: Final = 1 << 16
_MOST_BYTES: Final = 1 << 28
_TEXTS: Final = ("folder", "model", "fingerprint", "reading", "rules")
_AS_THEY_ARE: Final = (
    *("folder", "run", "images", "listed", "seed", "model", "fingerprint", "reading", "rules"),
    "repeated",
)


def sample_json(sample: Sample | None, _labels: LabelTable) -> Json | None:
    """Return a sample as what JSON can hold; the vectors in the form that the run has them in."""
    if sample is None:
        return None
    return {
        **{name: getattr(sample, name) for name in _AS_THEY_ARE},
        "count": len(sample),
        "size": sample.embeddings.shape[1],
        "embeddings": _packed(sample.embeddings.astype(_HALF)),
        "contents": _packed(sample.contents),
        "problems": {str(place): text for place, text in sample.problems.items()},
        "origins": {str(place): list(one) for place, one in sample.origins.items()},
    }


def sample_of(value: Any, project: Project) -> Sample | None:
    """Return the sample that a project which is loaded has.

    Raises:
        ValueError, LookupError, TypeError: It is no sample, or not one of this project.
    """
    if value is None:
        return None
    return _sample_of(value, project)


def _sample_of(values: Any, project: Project) -> Sample:
    count = whole_number(values["count"], MOST_SAMPLED)
    size = whole_number(values["size"], _MOST_DIMENSION)
    if not count or not size or count * size * _HALF.itemsize > _MOST_BYTES:
        raise ValueError("no sample")
    project.images.rows_of(np.arange(1, count + 1))
    texts = {name: values[name] for name in _TEXTS}
    if not all(isinstance(text, str) and len(text) <= _LONGEST for text in texts.values()):
        raise ValueError("no names of what a sample is of")
    run = values["run"]
    if not isinstance(run, str) or not _DIGEST.fullmatch(run):
        raise ValueError("no digest")
    halves = _unpacked(values["embeddings"], _HALF, count * size).reshape(count, size)
    embeddings = halves.astype(np.float16)
    contents = _unpacked(values["contents"], CONTENT, count)
    contents[contents["size"] < 0] = UNKNOWN
    listed = whole_number(values["listed"], _LARGEST)
    images = whole_number(values["images"], listed)
    if images < count:
        raise ValueError("a sample of more than there is")
    return Sample(
        **texts,
        run=run,
        images=images,
        listed=listed,
        seed=whole_number(values["seed"], _LARGEST),
        embeddings=embeddings,
        vectors=vectors_of(embeddings),
        contents=contents,
        problems=_by_place(values["problems"], count, _text),
        origins=_by_place(values["origins"], count, _origin),
        repeated=whole_number(values.get("repeated", 0), MOST_SAMPLED),
    )


def _packed(array: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def _unpacked(text: Any, kind: np.dtype[Any], count: int) -> NDArray[Any]:
    try:
        plain = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"no vectors: {error}") from error
    if len(plain) != count * kind.itemsize:
        raise ValueError("another number of vectors")
    return np.frombuffer(plain, kind).copy()


def _by_place(values: Any, count: int, read: Callable[[Any], T]) -> dict[int, T]:
    if not isinstance(values, dict):
        raise TypeError("no table of a sample")
    table = cast("dict[str, Any]", values)
    return {whole_number(int(place), count - 1): read(one) for place, one in table.items()}


def _origin(values: Any) -> tuple[object, ...]:
    name, file, member, offset, size = values
    texts = (_text(name), _text(file), _text(member))
    return (*texts, whole_number(offset, _LARGEST), whole_number(size, _LARGEST))


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST or "\0" in value:
        raise ValueError("no text of a sample")
    return value
