"""`nameplate benchmark`: how fast this machine finds, decodes, encodes and scores images.

Each figure is the median of three rounds. `tests/perf` measures more.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import psutil
from PIL import Image, ImageChops

from nameplate import __version__
from nameplate.cli.command import EXIT_DONE, EXIT_INTERRUPTED, put, put_json, say
from nameplate.cli.options import add_json_option, open_model, positive
from nameplate.domain.concepts import add_all
from nameplate.domain.embeddings import unit
from nameplate.domain.images import BLOCK_ROWS
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.domain.prompts import TemplateSet
from nameplate.domain.text import deferred, padded
from nameplate.inference.model import LoadedModel
from nameplate.inference.runtime.providers import device_names
from nameplate.pipeline.prompt_encoder import ConceptEncoder, build_classifier
from nameplate.pipeline.reading.batching import plan_batches
from nameplate.pipeline.reading.collection import find_images
from nameplate.pipeline.reading.embedding import embed_images
from nameplate.pipeline.reading.pools import encoder_pool
from nameplate.pipeline.reading.prefetch import read_pixels
from nameplate.scoring.suggestions import score_images
from nameplate.storage.caches.embedding_cache import EmbeddingCache
from nameplate.storage.resources import resource
from nameplate.system.processors import available_cpus
from nameplate.system.waiting import answer_of
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import tr, what_of
from nameplate.wording.translation import in_english

ROUNDS: Final = 3
REPEATS: Final = 3
"""How often a run embeds each picture: cores idle at its start and end, which must weigh as little
as with many thousands."""

SCORED_IMAGES: Final = 100_000
SCORED_CONCEPTS: Final = 20


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number: `key` for programs; `title`, unit and target for people."""

    key: str
    title: Message
    value: float
    unit: str | Message
    wanted: Message | None = None


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `benchmark`."""
    help_text = tr("pictures to measure with; fewer is quicker and less sure (default: 200)")
    parser.add_argument("--images", type=positive, default=200, metavar="N", help=help_text)
    help_text = tr("default: {value}", value="starter")
    parser.add_argument("--model", metavar="ID|DIR", default="starter", help=help_text)
    help_text = tr("default: {value}", value="auto")
    parser.add_argument("--device", choices=device_names(), default="auto", help=help_text)
    add_json_option(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Measure and print; after Ctrl-C print the results so far."""
    model, figures = open_model(args, cancel), list[Figure]()
    with suppress(CancelledError), TemporaryDirectory(prefix="nameplate-benchmark-") as folder:
        for one in measure(model, args.images, Path(folder), cancel):
            if isinstance(one, Message):
                say(f"{what_of(one)} ...")
                continue
            figures.append(one)
            if not args.json:
                put(_row(one))
    cancel.acknowledge()  # only the output is left
    if args.json:
        device = model.device_used
        with in_english():
            worded = list(map(_worded, figures))
        result = {
            "nameplate": __version__,
            "model": model.manifest.id,
            "device": device.device if device else "",
            "images": args.images,
            "figures": worded,
            "interrupted": cancel.is_cancelled,
        }
        put_json(result)
    if cancel.is_cancelled:
        say(tr("interrupted; results so far are above"))
    return EXIT_INTERRUPTED if cancel.is_cancelled else EXIT_DONE


def _worded(one: Figure) -> dict[str, Any]:
    """Return a figure with the text of its messages."""
    return {
        "key": one.key,
        "title": what_of(one.title),
        "value": one.value,
        "unit": tr(one.unit) if isinstance(one.unit, str) else what_of(one.unit),
        "wanted": what_of(one.wanted) if one.wanted else "",
    }


def _row(figure: Figure) -> str:
    """Return a line of the table, the number with at least three significant digits."""
    one, value = _worded(figure), figure.value
    number = format_number(value, ",.0f" if value >= 1000 else ".3g")
    wanted = one["wanted"] and tr("wanted: {figure}", figure=one["wanted"])
    return f"{padded(one['title'], 36)} {number:>9} {padded(one['unit'], 16)} {wanted}".rstrip()


def measure(
    model: LoadedModel, images: int, folder: Path, cancel: CancelToken
) -> Iterator[Figure | Message]:
    """Yield the figures one by one, and before each measurement its name.

    The model is opened, but no encoder is loaded yet; `folder` is empty. The figures that were
    yielded before a cancel are valid.

    Raises:
        ModelError: The model cannot be used.
    """
    start, before = time.perf_counter(), _seconds_of_others()
    yield Message("making-pictures")
    pictures = _make_pictures(folder, images, 0.5, cancel)
    large = _make_pictures(folder, max(1, images // 25), 12, cancel)
    small = _make_small_files(folder / "small", 50 * images, cancel)
    yield Message("loading-model")
    seconds = _seconds(lambda: answer_of(model.load, cancel), cancel, rounds=1)
    yield Figure("load", Message("model-loaded"), seconds, "s")
    yield Message("finding-files")
    known = find_images([small], cancel=cancel).images
    seconds = _seconds(lambda: find_images([small], cancel=cancel), cancel)
    yield Figure("find", Message("files-found"), len(known) / seconds, deferred("files/s"))
    yield Message("decoding")
    for size, paths in (("0.5", pictures), ("12", large)):
        seconds = decode_seconds(paths, model, cancel)
        title, unit = Message("jpeg-decoded", {"size": size}), Message("images-a-second-a-core")
        yield Figure(f"decode-{size}", title, 1 / seconds, unit)
    yield Message("files-to-embeddings")
    yield from _embedding(pictures, model, cancel)
    yield Figure("memory", Message("memory-until-here"), _peak_bytes() / 1e6, "MB")
    yield Message("known-files-again")
    yield _cached_again(known, model, folder / "cache", cancel)
    yield Message("rating")
    yield from _scoring(model, cancel)
    share = (_seconds_of_others() - before) / (time.perf_counter() - start) / available_cpus()
    title, unit = Message("taken-by-others"), Message("percent-of-cores")
    yield Figure("others", title, max(0.0, 100 * share), unit, Message("at-most", {"value": 10}))


def make_picture(number: int, megapixels: float) -> Image.Image:
    """Return picture `number`: a sample image, cropped and enlarged, with noise added."""
    rng, samples = np.random.default_rng(number), sorted(resource("samples").glob("*.jpg"))
    height = round((megapixels * 1e6 / 1.5) ** 0.5)
    size = round(1.5 * height), height
    with Image.open(samples[number % len(samples)]) as sample:
        left, top = (rng.uniform(0, side / 4) for side in sample.size)
        box = (left, top, left + 0.75 * sample.width, top + 0.75 * sample.height)
        plain = sample.convert("RGB").resize(size, Image.Resampling.BICUBIC, box=box)
    # Without noise the files would be far smaller than a camera's, and easier to decode.
    grain = Image.merge("RGB", [Image.effect_noise(size, 5)] * 3)
    return ImageChops.add(plain, grain, scale=1, offset=-128)


def _make_pictures(folder: Path, count: int, megapixels: float, cancel: CancelToken) -> list[Path]:
    paths = [folder / f"{megapixels:g}-{number:05}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        cancel.raise_if_cancelled()
        make_picture(number, megapixels).save(path, quality=90)
    return paths


def _make_small_files(folder: Path, count: int, cancel: CancelToken) -> Path:
    """Write copies of one image with different trailing bytes, 1,000 in a folder."""
    folder.mkdir()
    make_picture(0, 0.002).save(folder / "0.jpg")
    content = (folder / "0.jpg").read_bytes()
    for number in range(1, count):
        cancel.raise_if_cancelled()
        (inner := folder / str(number // 1000)).mkdir(exist_ok=True)
        (inner / f"{number}.jpg").write_bytes(content + number.to_bytes(8, "little"))
    return folder


def decode_seconds(paths: Sequence[Path], model: LoadedModel, cancel: CancelToken) -> float:
    """Return the CPU seconds of decoding and preprocessing an image, from some of `paths`."""
    some, spec = paths[:24], model.manifest.image

    def decode() -> None:
        for path in some:
            read_pixels(path, spec, cancel)

    return _seconds(decode, cancel, clock=time.process_time) / len(some)


def encode_seconds(
    model: LoadedModel, paths: Sequence[Path], batch_size: int, runs: int, cancel: CancelToken
) -> float:
    """Return the image encoder's seconds per image, from `runs` rounds of concurrent batches."""
    concurrency, spec = plan_batches(model).concurrency, model.manifest.image
    some = np.stack([read_pixels(path, spec)[0] for path in paths[:batch_size]])
    batch = np.resize(some, (batch_size, *some.shape[1:]))
    with encoder_pool(model) as pool:

        def encode(runs: int) -> None:
            batches = [batch] * concurrency * runs
            list(pool.map(partial(model.image.encode, cancel=cancel), batches))

        encode(1)  # the first run plans memory
        seconds = _seconds(lambda: encode(runs), cancel, rounds=1)
        return seconds / (concurrency * runs * batch_size)


def _embedding(
    pictures: Sequence[Path], model: LoadedModel, cancel: CancelToken
) -> Iterator[Figure]:
    """Measure embedding of files, and the encoder alone just before and after each run.

    Just before and after, since the load of the machine changes within seconds.
    """
    paths, plan = REPEATS * list(pictures), plan_batches(model)
    _embed(paths[: 4 * plan.images_in_flight], model, None, cancel)
    runs = max(2, len(paths) // (4 * plan.images_in_flight))
    # A card encodes while the cores decode; on the CPU the cores do one or the other.
    lower_bound = sum if model.device.device == "cpu" else max
    encoding, whole, shares = list[float](), list[float](), list[float]()
    for _ in range(ROUNDS):
        decoding = decode_seconds(pictures, model, cancel) / available_cpus()
        before = encode_seconds(model, pictures, plan.batch_size, runs, cancel)
        whole.append(_seconds(lambda: _embed(paths, model, None, cancel), cancel, 1) / len(paths))
        after = encode_seconds(model, pictures, plan.batch_size, runs, cancel)
        encoding.append((before + after) / 2)
        shares.append(lower_bound((encoding[-1], decoding)) / whole[-1])
    yield Figure("encode", Message("encoder-alone"), 1 / median(encoding), deferred("images/s"))
    yield Figure("embed", Message("files-to-embeddings"), 1 / median(whole), deferred("images/s"))
    wanted = Message("at-least", {"value": 0.95})
    yield Figure("share", Message("of-what-machine-allows"), median(shares), "", wanted)


def _embed(
    paths: Sequence[Path], model: LoadedModel, cache: EmbeddingCache | None, cancel: CancelToken
) -> None:
    for _ in embed_images(range(len(paths)), paths, model, cache=cache, cancel=cancel):
        pass


def _cached_again(
    paths: Sequence[Path], model: LoadedModel, folder: Path, cancel: CancelToken
) -> Figure:
    size = model.manifest.embedding_size
    vectors = unit(np.random.default_rng(0).standard_normal((len(paths), size)))
    with EmbeddingCache(folder, model.fingerprint, size=size) as cache:
        cache.store(list(zip(paths, vectors, strict=True)))
        seconds = _seconds(lambda: _embed(paths, model, cache, cancel), cancel)
    rate = len(paths) / seconds
    return Figure("known", Message("known-files-again"), rate, deferred("images/s"))


def _scoring(model: LoadedModel, cancel: CancelToken) -> Iterator[Figure]:
    seconds = _seconds(lambda: model.text.encode(["a photo of a cat."], cancel), cancel)
    wanted = Message("at-most", {"value": 100})
    yield Figure("name", Message("name-encoded"), 1000 * seconds, "ms", wanted)
    concepts, _ = add_all((), [f"name {number}" for number in range(SCORED_CONCEPTS)])
    encoder, plain = ConceptEncoder(model.text.encode), TemplateSet("", "", ("{}",))
    classifier = build_classifier(encoder, concepts, plain, model.head, cancel=cancel)
    shape = (SCORED_IMAGES, model.manifest.embedding_size)
    vectors = unit(np.random.default_rng(0).standard_normal(shape, dtype=np.float32))
    blocks = [vectors[start : start + BLOCK_ROWS] for start in range(0, SCORED_IMAGES, BLOCK_ROWS)]
    seconds = _seconds(lambda: score_images(classifier, blocks, cancel=cancel), cancel)
    title = Message("images-rated", {"images": SCORED_IMAGES, "names": SCORED_CONCEPTS})
    yield Figure("rate", title, 1000 * seconds, "ms", Message("at-most", {"value": 400}))


def _seconds_of_others() -> float:
    """Return the CPU seconds of all other processes; their load makes figures less reliable."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0.0) - time.process_time()


def _peak_bytes() -> int:
    """Return the peak memory of this process."""
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
    """Return the median duration of `work` in seconds, over some rounds."""
    durations = list[float]()
    for _ in range(rounds):
        start = clock()
        work()
        durations.append(clock() - start)
        cancel.raise_if_cancelled()
    return median(durations)
