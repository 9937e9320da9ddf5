"""How fast files are found, decoded, encoded, and found again; and what memory that takes."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import psutil
from numpy.typing import NDArray
from PIL import Image

from nameplate.domain.progress import CancelToken
from nameplate.domain.scoring import Vectors, unit
from nameplate.inference.model import LoadedModel
from nameplate.inference.preprocess import pixels
from nameplate.inference.specs import ImageSpec
from nameplate.services.batching import plan_batches
from nameplate.services.benchmark.collection import KINDS, MAIN, Kind
from nameplate.services.benchmark.figures import Figure, cpu_limit, figure, ratios
from nameplate.services.benchmark.setting import Setting, Times, cpu, peak_bytes, times, wall
from nameplate.services.embedding import embed_images
from nameplate.services.encoding import Embedded
from nameplate.services.reading import read_pixels
from nameplate.services.workers import lanes_of
from nameplate.storage.decode import decode
from nameplate.storage.embedding_cache import EmbeddingCache
from nameplate.storage.scan import scan

BATCHES: Final = (1, 4, 8, 16, 32)
_A_ROUND: Final = 0.5
"""Seconds that a bare session is measured in a round, about."""

_MOST_DECODED: Final = 24
"""Files of a kind that a round decodes."""

_TURNS: Final = 3
"""How often the images are embedded in one run. Of a folder of many thousands that is measured the
speed in the middle; the first and the last batch, when a core waits, are 2% of 200 images."""

_MB: Final = 1e6


def measure_scan(setting: Setting) -> Iterator[Figure]:
    """Measure how many files a second a scan finds."""
    speeds = list[float]()
    for _ in range(setting.rounds):
        found = list[int]()
        seconds = wall(
            lambda: found.extend(len(b.images) for b in scan([setting.collection.many]))  # noqa: B023
        )
        speeds.append(sum(found) / seconds)
    yield figure("scan.files", f"{setting.collection.many_count:,} files", speeds, "files/s")


def measure_decode(setting: Setting) -> Iterator[Figure]:
    """Measure for each kind of file our decoding against plain Pillow's, and whether both agree."""
    model = setting.load()
    for kind in KINDS:
        files = setting.collection.files(kind)[:_MOST_DECODED]
        if files and not setting.cancel.is_cancelled:
            yield from _decode_of(kind, files, model, setting.rounds)


def own_pixels(path: Path, spec: ImageSpec) -> NDArray[np.float32]:
    """Return what the image encoder gets of a file."""
    return read_pixels(path, spec)[0]


def plain_pixels(path: Path, spec: ImageSpec) -> NDArray[np.float32]:
    """Return the same by Pillow as everyone uses it: opened, converted, and resized whole."""
    with Image.open(path) as image:
        return pixels(image.convert("RGB"), spec)


def _decode_of(
    kind: Kind, files: Sequence[Path], model: LoadedModel, rounds: int
) -> Iterator[Figure]:
    spec, key = model.manifest.image, f"decode.{kind.folder}"
    _read(files)
    own, plain = list[float](), list[float]()
    for _ in range(rounds):
        # File by file, so that both meet the same minute of a busy machine.
        pairs = [
            (cpu(lambda: own_pixels(f, spec)), cpu(lambda: plain_pixels(f, spec)))  # noqa: B023
            for f in files
        ]
        own.append(sum(p[0] for p in pairs))
        plain.append(sum(p[1] for p in pairs))
    count, unit_ = len(files), "images/s a core"
    yield figure(key, kind.title, [count / s for s in own], unit_)
    yield figure(f"{key}.plain", f"{kind.title}, plain Pillow", [count / s for s in plain], unit_)
    yield figure(f"{key}.ratio", f"{kind.title}, ratio", ratios(plain, own), "x")
    cosines = _cosines(files, model)
    yield figure(f"{key}.cosine", f"{kind.title}, least cosine", [cosines.min()], "")


def _cosines(files: Sequence[Path], model: LoadedModel) -> NDArray[np.float32]:
    """Return the cosine between the embeddings of both ways for each file."""
    spec = model.manifest.image
    own = [model.image.encode(own_pixels(f, spec)[None]) for f in files]
    plain = [model.image.encode(plain_pixels(f, spec)[None]) for f in files]
    return (np.concatenate(own) * np.concatenate(plain)).sum(axis=1)


def measure_session(setting: Setting) -> Iterator[Figure]:
    """Measure the bare image encoder at several batch sizes, and the preparation of pixels."""
    model = setting.load()
    spec = model.manifest.image
    files = setting.collection.files(MAIN)[: max(BATCHES)]
    some = np.stack([own_pixels(path, spec) for path in files])
    stock = np.concatenate([some] * (max(BATCHES) // len(some) + 1))
    plan = plan_batches(model)
    each = _bare(model, stock[: plan.rows], 1).wall
    speeds: dict[int, list[float]] = {batch: [] for batch in BATCHES}
    for _ in range(setting.rounds):
        for batch in BATCHES:
            runs = max(1, round(_A_ROUND / each / batch / plan.lanes))
            speeds[batch].append(1 / _bare(model, stock[:batch], runs).wall)
    for batch, found in speeds.items():
        yield figure(f"session.batch-{batch}", f"batch of {batch}", found, "images/s")
    image = decode(files[0]).image
    seconds = [cpu(lambda: pixels(image, spec)) for _ in range(4 * setting.rounds)]
    yield figure("session.prepare", "preparing 0.5 MP", [1000 * s for s in seconds], "ms of a core")


def _bare(model: LoadedModel, batch: NDArray[np.float32], runs: int) -> Times:
    """Return the seconds that the bare encoder takes for an image, with `runs` in each lane."""
    lanes = plan_batches(model).lanes
    with lanes_of(model) as pool:

        def encode(runs: int) -> None:
            list(pool.map(model.image.encode, [batch] * (lanes * runs)))

        encode(1)  # the first run of a shape plans its memory
        took, images = times(lambda: encode(runs)), lanes * runs * len(batch)
    return Times(took.wall / images, took.cpu / images)


@dataclass(slots=True)
class _Rounds:
    """What the rounds of `measure_end_to_end` found.

    Attributes:
        reached: Images/s.
        limits: Images/s that the processor allows.
        useful: Share of the processor's seconds that went into decoding and encoding. On a machine
            that others use, too, it says more than the share of the limit, which then sinks.
    """

    reached: list[float] = field(default_factory=list[float])
    limits: list[float] = field(default_factory=list[float])
    useful: list[float] = field(default_factory=list[float])


def measure_end_to_end(setting: Setting) -> Iterator[Figure]:
    """Measure from files to embeddings without a cache, and how near that is to the CPU limit.

    The bare session is measured before and after each run, and the limit is of their mean: what
    else the machine does changes within seconds.
    """
    model = setting.load()
    files = setting.collection.files(MAIN)
    _read(files)
    files = _TURNS * files
    embed(files[: 4 * plan_batches(model).at_once], model, setting.cancel)
    found = _Rounds()
    while len(found.reached) < setting.rounds and not setting.cancel.is_cancelled:
        _end_to_end_round(files, model, setting.cancel, found)
    if found.reached:
        yield figure("end-to-end.speed", "0.5 MP JPEG to embedding", found.reached, "images/s")
        yield figure("end-to-end.limit", "CPU limit", found.limits, "images/s")
        shares = ratios(found.reached, found.limits)
        yield figure("end-to-end.of-limit", "share of the CPU limit", shares, "")
        yield figure("end-to-end.useful", "useful share of the CPU seconds", found.useful, "")


def _end_to_end_round(
    files: Sequence[Path], model: LoadedModel, cancel: CancelToken, found: _Rounds
) -> None:
    cores, plan, spec = psutil.cpu_count() or 1, plan_batches(model), model.manifest.image
    some = files[:_MOST_DECODED]
    batch = np.stack([own_pixels(path, spec) for path in some])[: plan.rows]
    decoding = cpu(lambda: [own_pixels(path, spec) for path in some]) / len(some)
    runs = max(2, len(files) // (4 * _TURNS * plan.at_once))
    before = _bare(model, batch, runs)
    whole = times(lambda: embed(files, model, cancel))
    if cancel.is_cancelled:
        return
    after = _bare(model, batch, runs)
    found.reached.append(len(files) / whole.wall)
    found.limits.append(cpu_limit((before.wall + after.wall) / 2, decoding, cores))
    needed = (before.cpu + after.cpu) / 2 + decoding
    found.useful.append(needed * len(files) / whole.cpu)


def embed(files: Sequence[Path], model: LoadedModel, cancel: CancelToken) -> NDArray[np.float32]:
    """Embed files without a cache and return their vectors, N x D, NaN where one is unreadable."""
    vectors = np.full((len(files), model.manifest.embedding_size), np.nan, dtype=np.float32)
    for event in embed_images(range(len(files)), files, model, cache=None, cancel=cancel):
        if isinstance(event, Embedded):
            vectors[event.rows] = event.embeddings
    return vectors


def measure_reopen(setting: Setting) -> Iterator[Figure]:
    """Measure how fast a folder of known files gets its embeddings from the cache."""
    model = setting.load()
    paths = [path for batch in scan([setting.collection.many]) for path in batch.images]
    rng = np.random.default_rng(0)
    vectors = unit(rng.standard_normal((len(paths), model.manifest.embedding_size)))
    with tempfile.TemporaryDirectory(prefix="nameplate-benchmark-") as folder:
        stored = wall(lambda: _store(Path(folder), model, paths, vectors))
        yield figure("reopen.store", "noting embeddings", [len(paths) / stored], "files/s")
        speeds = list[float]()
        for _ in range(setting.rounds):
            if setting.cancel.is_cancelled:
                break
            speeds.append(len(paths) / wall(lambda: _find_again(Path(folder), model, paths)))
    if speeds:
        yield figure("reopen.known", f"{len(paths):,} known files", speeds, "files/s")


def _cache(folder: Path, model: LoadedModel) -> EmbeddingCache:
    return EmbeddingCache(folder, model.fingerprint, size=model.manifest.embedding_size)


def _store(folder: Path, model: LoadedModel, paths: Sequence[Path], vectors: Vectors) -> None:
    with _cache(folder, model) as cache:
        step = plan_batches(model).rows
        for start in range(0, len(paths), step):
            some = slice(start, start + step)
            cache.store(list(zip(paths[some], vectors[some], strict=True)))


def _find_again(folder: Path, model: LoadedModel, paths: Sequence[Path]) -> None:
    found = 0
    with _cache(folder, model) as cache:
        events = embed_images(range(len(paths)), paths, model, cache=cache, cancel=CancelToken())
        found = sum(len(event.rows) for event in events if isinstance(event, Embedded))
    assert found == len(paths)  # noqa: S101 - else something else was measured


def measure_memory(setting: Setting) -> Iterator[Figure]:
    """Measure the most memory that embedding large and small files takes."""
    model = setting.load()
    files = setting.collection.mixed(setting.memory_files)
    loaded = psutil.Process().memory_info().rss
    yield figure("memory.loaded", "with the model loaded", [loaded / _MB], "MB")
    seconds = wall(lambda: embed(files, model, setting.cancel))
    title = f"at most, for {len(files):,} files of 0.2 to 24 MP"
    if not setting.cancel.is_cancelled:
        yield figure("memory.peak", title, [peak_bytes() / _MB], "MB")
        yield figure("memory.speed", "those files", [len(files) / seconds], "images/s")


def _read(files: Sequence[Path]) -> None:
    """Read files so that they lie in memory: the disk is not what is measured."""
    for path in files:
        path.read_bytes()
