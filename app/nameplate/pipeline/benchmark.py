"""How fast this machine finds, decodes, encodes and rates pictures with a model.

Each thing is measured three times, of which the median counts. `tests/perf` measures more.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
import psutil
from PIL import Image, ImageChops

from nameplate.domain.concepts import add_all
from nameplate.domain.embeddings import unit
from nameplate.domain.images import BLOCK_ROWS
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.domain.prompts import TemplateSet
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.batching import plan_batches
from nameplate.pipeline.collection import find_images
from nameplate.pipeline.embedding import embed_images
from nameplate.pipeline.pools import lanes_of, threads
from nameplate.pipeline.prefetch import read_pixels
from nameplate.pipeline.prompt_encoder import ConceptEncoder, build_classifier
from nameplate.scoring.suggestions import score_images
from nameplate.storage.embedding_cache import EmbeddingCache
from nameplate.storage.resources import resource
from nameplate.system.waiting import answer_of

ROUNDS: Final = 3
TURNS: Final = 3
"""How often a run embeds each picture: a core waits when it begins and ends, which must count for
as little as with many thousands."""

RATED: Final = 100_000
NAMES: Final = 20


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; `key` is for programs, `title` for people, as what is `wanted`."""

    key: str
    title: str
    value: float
    unit: str
    wanted: str = ""


def measure(
    model: LoadedModel, images: int, folder: Path, cancel: CancelToken
) -> Iterator[Figure | str]:
    """Measure one thing after the other, and say before each what comes next.

    Args:
        model: Nothing of it is loaded yet.
        images: How many pictures of 0.5 MP to measure with.
        folder: Empty; pictures and a cache are put there.
        cancel: Ends what is measured.

    Raises:
        ModelError: The model cannot be used.
        CancelledError: `cancel` was set; what was yielded by then is right.
    """
    start, before = time.perf_counter(), _seconds_of_others()
    yield "making pictures"
    pictures = _make_pictures(folder, images, 0.5, cancel)
    large = _make_pictures(folder, max(1, images // 25), 12, cancel)
    small = _make_small_files(folder / "small", 50 * images, cancel)
    yield "loading the model"
    seconds = _seconds(lambda: answer_of(model.load, cancel), cancel, rounds=1)
    yield Figure("load", "model loaded", seconds, "s")
    yield "finding files"
    known = find_images([small], cancel=cancel).images
    seconds = _seconds(lambda: find_images([small], cancel=cancel), cancel)
    yield Figure("find", "files found", len(known) / seconds, "files/s")
    yield "decoding"
    for size, paths in (("0.5", pictures), ("12", large)):
        seconds = decode_seconds(paths, model, cancel)
        yield Figure(f"decode-{size}", f"JPEG of {size} MP decoded", 1 / seconds, "images/s a core")
    yield "files to embeddings"
    yield from _embedding(pictures, model, cancel)
    yield Figure("memory", "memory until here, at most", _peak_bytes() / 1e6, "MB")
    yield "known files again"
    yield _known_again(known, model, folder / "cache", cancel)
    yield "rating"
    yield from _rating(model, cancel)
    share = (_seconds_of_others() - before) / (time.perf_counter() - start) / threads()
    title = "taken by other programs"
    yield Figure("others", title, max(0.0, 100 * share), "% of the cores", "at most 10")


def make_picture(number: int, megapixels: float) -> Image.Image:
    """Return picture `number`: a sample, cropped and enlarged, with a camera's grain."""
    rng, samples = np.random.default_rng(number), sorted(resource("samples").glob("*.jpg"))
    height = round((megapixels * 1e6 / 1.5) ** 0.5)
    size = round(1.5 * height), height
    with Image.open(samples[number % len(samples)]) as sample:
        left, top = (rng.uniform(0, side / 4) for side in sample.size)
        box = (left, top, left + 0.75 * sample.width, top + 0.75 * sample.height)
        plain = sample.convert("RGB").resize(size, Image.Resampling.BICUBIC, box=box)
    # Without any, the files would be far smaller than a camera's, and easier to decode.
    grain = Image.merge("RGB", [Image.effect_noise(size, 5)] * 3)
    return ImageChops.add(plain, grain, scale=1, offset=-128)


def _make_pictures(folder: Path, count: int, megapixels: float, cancel: CancelToken) -> list[Path]:
    paths = [folder / f"{megapixels:g}-{number:05}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        _stop_if(cancel)
        make_picture(number, megapixels).save(path, quality=90)
    return paths


def _make_small_files(folder: Path, count: int, cancel: CancelToken) -> Path:
    """Write files that differ in bytes which no decoder reads, 1,000 in a folder."""
    folder.mkdir()
    make_picture(0, 0.002).save(folder / "0.jpg")
    content = (folder / "0.jpg").read_bytes()
    for number in range(1, count):
        _stop_if(cancel)
        (inner := folder / str(number // 1000)).mkdir(exist_ok=True)
        (inner / f"{number}.jpg").write_bytes(content + number.to_bytes(8, "little"))
    return folder


def decode_seconds(paths: Sequence[Path], model: LoadedModel, cancel: CancelToken) -> float:
    """Return the seconds of a core from a file to what the image encoder sees, of some files."""
    some, spec = paths[:24], model.manifest.image

    def decode() -> None:
        for path in some:
            read_pixels(path, spec, cancel)

    return _seconds(decode, cancel, clock=time.process_time) / len(some)


def encode_seconds(
    model: LoadedModel, paths: Sequence[Path], rows: int, runs: int, cancel: CancelToken
) -> float:
    """Return the seconds an image of the image encoder alone: `runs` batches for each lane."""
    lanes, spec = plan_batches(model).lanes, model.manifest.image
    some = np.stack([read_pixels(path, spec)[0] for path in paths[:rows]])
    batch = np.resize(some, (rows, *some.shape[1:]))
    with lanes_of(model) as pool:

        def encode(runs: int) -> None:
            list(pool.map(partial(model.image.encode, cancel=cancel), [batch] * lanes * runs))

        encode(1)  # the first run plans memory
        return _seconds(lambda: encode(runs), cancel, rounds=1) / (lanes * runs * rows)


def _embedding(
    pictures: Sequence[Path], model: LoadedModel, cancel: CancelToken
) -> Iterator[Figure]:
    """Measure files to embeddings, and the encoder alone just before and after each run.

    What else the machine does changes within seconds.
    """
    paths, plan = TURNS * list(pictures), plan_batches(model)
    _embed(paths[: 4 * plan.at_once], model, None, cancel)
    runs = max(2, len(paths) // (4 * plan.at_once))
    # A card encodes while the cores decode; the cores do one or the other.
    least = sum if model.device.device == "cpu" else max
    encoding, whole, shares = list[float](), list[float](), list[float]()
    for _ in range(ROUNDS):
        decoding = decode_seconds(pictures, model, cancel) / threads()
        before = encode_seconds(model, pictures, plan.rows, runs, cancel)
        whole.append(_seconds(lambda: _embed(paths, model, None, cancel), cancel, 1) / len(paths))
        after = encode_seconds(model, pictures, plan.rows, runs, cancel)
        encoding.append((before + after) / 2)
        shares.append(least((encoding[-1], decoding)) / whole[-1])
    yield Figure("encode", "image encoder alone", 1 / median(encoding), "images/s")
    yield Figure("embed", "files to embeddings", 1 / median(whole), "images/s")
    yield Figure("share", "of what the machine allows", median(shares), "", "at least 0.95")


def _embed(
    paths: Sequence[Path], model: LoadedModel, cache: EmbeddingCache | None, cancel: CancelToken
) -> None:
    for _ in embed_images(range(len(paths)), paths, model, cache=cache, cancel=cancel):
        pass


def _known_again(
    paths: Sequence[Path], model: LoadedModel, folder: Path, cancel: CancelToken
) -> Figure:
    size = model.manifest.embedding_size
    vectors = unit(np.random.default_rng(0).standard_normal((len(paths), size)))
    with EmbeddingCache(folder, model.fingerprint, size=size) as cache:
        cache.store(list(zip(paths, vectors, strict=True)))
        seconds = _seconds(lambda: _embed(paths, model, cache, cancel), cancel)
    return Figure("known", "known files again", len(paths) / seconds, "images/s")


def _rating(model: LoadedModel, cancel: CancelToken) -> Iterator[Figure]:
    seconds = _seconds(lambda: model.text.encode(["a photo of a cat."], cancel), cancel)
    yield Figure("name", "a typed name encoded", 1000 * seconds, "ms", "at most 100")
    concepts, _ = add_all((), [f"name {number}" for number in range(NAMES)])
    encoder, plain = ConceptEncoder(model.text.encode), TemplateSet("", "", ("{}",))
    classifier = build_classifier(encoder, concepts, plain, model.head, cancel=cancel)
    shape = (RATED, model.manifest.embedding_size)
    vectors = unit(np.random.default_rng(0).standard_normal(shape, dtype=np.float32))
    blocks = [vectors[start : start + BLOCK_ROWS] for start in range(0, RATED, BLOCK_ROWS)]
    seconds = _seconds(lambda: score_images(classifier, blocks, cancel=cancel), cancel)
    title = f"{RATED:,} images rated, {NAMES} names"
    yield Figure("rate", title, 1000 * seconds, "ms", "at most 400")


def _seconds_of_others() -> float:
    """Return how long other programs have used cores; where they do, speeds say less."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0.0) - time.process_time()


def _peak_bytes() -> int:
    """Return the most memory that this process ever held at once."""
    if sys.platform == "win32":
        return psutil.Process().memory_info().peak_wset
    import resource as system  # noqa: PLC0415 - not on Windows

    bytes_each = 1 if sys.platform == "darwin" else 1024
    return bytes_each * system.getrusage(system.RUSAGE_SELF).ru_maxrss


def _seconds(
    work: Callable[[], object],
    cancel: CancelToken,
    rounds: int = ROUNDS,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Return the median of the seconds that `work` takes."""
    taken = list[float]()
    for _ in range(rounds):
        start = clock()
        work()
        taken.append(clock() - start)
        _stop_if(cancel)
    return median(taken)


def _stop_if(cancel: CancelToken) -> None:
    if cancel.is_cancelled:
        raise CancelledError
