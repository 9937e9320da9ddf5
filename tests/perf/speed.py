"""Measure how fast this machine finds, decodes, encodes and scores images.

python tests/perf/speed.py [--images 200] [--model starter] [--device auto] [--json]

The images are the samples, cropped and enlarged, with a camera's grain, in a temporary folder. Each
figure is the median of three rounds. Above 10% taken by other programs, trust the seconds of a
core, not speeds or shares.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import psutil
from PIL import Image, ImageChops

from nameplate import __version__
from nameplate.cli.command import put, put_json
from nameplate.cli.options import open_model, positive
from nameplate.domain.concepts import add_all
from nameplate.domain.embeddings import ImageVectors, unit
from nameplate.domain.errors import NameplateError
from nameplate.domain.images import BLOCK_ROWS
from nameplate.domain.progress import NEVER
from nameplate.domain.prompts import TemplateSet
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
from nameplate.wording.texts import text_of

ROUNDS = 3
REPEATS = 3
"""How often a run embeds each picture: cores idle at its start and end, which must weigh as little
as with many thousands."""

SCORED_IMAGES = 100_000
SCORED_CONCEPTS = 20


@dataclass(frozen=True)
class Figure:
    key: str
    title: str
    value: float
    unit: str
    wanted: str = ""

    def __str__(self) -> str:
        number = f"{self.value:,.0f}" if self.value >= 1000 else f"{self.value:.3g}"
        wanted = f"wanted: {self.wanted}" if self.wanted else ""
        return f"{self.title:36} {number:>9} {self.unit:16} {wanted}".rstrip()


def measure(model: LoadedModel, images: int, folder: Path) -> Iterator[Figure]:
    """Yield the figures of a model whose encoders are not loaded; `folder` is empty."""
    start, before = time.perf_counter(), seconds_of_others()
    pictures, large = (
        make_pictures(folder, images, 0.5),
        make_pictures(folder, max(1, images // 25), 12),
    )
    known = make_small_files(folder / "small", 50 * images)
    yield Figure("load", "model loaded", seconds_of(model.load, rounds=1), "s")
    seconds = seconds_of(lambda: find_images([folder / "small"], cancel=NEVER))
    yield Figure("find", "files found", len(known) / seconds, "files/s")
    for size, paths in (("0.5", pictures), ("12", large)):
        rate = 1 / decode_seconds(paths, model)
        yield Figure(f"decode-{size}", f"JPEG of {size} MP decoded", rate, "images/s a core")
    yield from embedding(pictures, model)
    yield Figure("memory", "peak memory so far", peak_bytes() / 1e6, "MB")
    yield known_again(known, model, folder / "cache")
    yield from scoring(model)
    share = (seconds_of_others() - before) / (time.perf_counter() - start) / available_cpus()
    others = max(0.0, 100 * share)
    yield Figure("others", "used by other programs", others, "% of the cores", "at most 10")


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


def make_pictures(folder: Path, count: int, megapixels: float) -> list[Path]:
    paths = [folder / f"{megapixels:g}-{number:05}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        make_picture(number, megapixels).save(path, quality=90)
    return paths


def make_small_files(folder: Path, count: int) -> list[Path]:
    """Write copies of one image with different trailing bytes, 1,000 in a folder."""
    folder.mkdir()
    make_picture(0, 0.002).save(folder / "0.jpg")
    content, paths = (folder / "0.jpg").read_bytes(), [folder / "0.jpg"]
    for number in range(1, count):
        paths.append(folder / str(number // 1000) / f"{number}.jpg")
        paths[-1].parent.mkdir(exist_ok=True)
        paths[-1].write_bytes(content + number.to_bytes(8, "little"))
    return paths


def decode_seconds(paths: Sequence[Path], model: LoadedModel) -> float:
    """Return the CPU seconds of decoding and preprocessing an image, from some of `paths`."""
    some, spec = paths[:24], model.manifest.image

    def decode() -> None:
        for path in some:
            read_pixels(path, spec, NEVER)

    return seconds_of(decode, clock=time.process_time) / len(some)


def encode_seconds(model: LoadedModel, paths: Sequence[Path], batch_size: int, runs: int) -> float:
    """Return the image encoder's seconds per image, from `runs` rounds of concurrent batches."""
    concurrency, spec = plan_batches(model).concurrency, model.manifest.image
    some = np.stack([read_pixels(path, spec)[0] for path in paths[:batch_size]])
    batch = np.resize(some, (batch_size, *some.shape[1:]))
    with encoder_pool(model) as pool:

        def encode(runs: int) -> None:
            list(pool.map(model.image.encode, [batch] * concurrency * runs))

        encode(1)  # the first run plans memory
        return seconds_of(partial(encode, runs), rounds=1) / (concurrency * runs * batch_size)


def embedding(pictures: Sequence[Path], model: LoadedModel) -> Iterator[Figure]:
    """Measure embedding of files, and the encoder alone just before and after each run.

    Just before and after, since the load of the machine changes within seconds.
    """
    paths, plan = REPEATS * list(pictures), plan_batches(model)
    embed(paths[: 4 * plan.images_in_flight], model)
    runs = max(2, len(paths) // (4 * plan.images_in_flight))
    # A card encodes while the cores decode; on the CPU the cores do one or the other.
    lower_bound = sum if model.device.device == "cpu" else max
    encoding, whole, shares = list[float](), list[float](), list[float]()
    for _ in range(ROUNDS):
        decoding = decode_seconds(pictures, model) / available_cpus()
        before = encode_seconds(model, pictures, plan.batch_size, runs)
        whole.append(seconds_of(lambda: embed(paths, model), rounds=1) / len(paths))
        after = encode_seconds(model, pictures, plan.batch_size, runs)
        encoding.append((before + after) / 2)
        shares.append(lower_bound((encoding[-1], decoding)) / whole[-1])
    yield Figure("encode", "image encoder alone", 1 / median(encoding), "images/s")
    yield Figure("embed", "files to embeddings", 1 / median(whole), "images/s")
    yield Figure("share", "of what this computer allows", median(shares), "", "at least 0.95")


def embed(paths: Sequence[Path], model: LoadedModel, cache: EmbeddingCache | None = None) -> None:
    for _ in embed_images(range(len(paths)), paths, model, cache=cache, cancel=NEVER):
        pass


def known_again(paths: Sequence[Path], model: LoadedModel, folder: Path) -> Figure:
    size = model.manifest.embedding_size
    vectors = unit(np.random.default_rng(0).standard_normal((len(paths), size)))
    with EmbeddingCache(folder, model.fingerprint, size=size) as cache:
        cache.store(list(zip(paths, vectors, strict=True)))
        seconds = seconds_of(lambda: embed(paths, model, cache))
    return Figure("known", "known files again", len(paths) / seconds, "images/s")


def scoring(model: LoadedModel) -> Iterator[Figure]:
    milliseconds = 1000 * seconds_of(lambda: model.text.encode(["a photo of a cat."]))
    yield Figure("name", "a typed name encoded", milliseconds, "ms", "at most 100")
    concepts, _ = add_all((), [f"name {number}" for number in range(SCORED_CONCEPTS)])
    encoder, plain = ConceptEncoder(model.text.encode), TemplateSet("", "", ("{}",))
    classifier = build_classifier(encoder, concepts, plain, model.head, cancel=NEVER)
    shape = (SCORED_IMAGES, model.manifest.embedding_size)
    vectors = unit(np.random.default_rng(0).standard_normal(shape, dtype=np.float32))
    blocks = [vectors[start : start + BLOCK_ROWS] for start in range(0, SCORED_IMAGES, BLOCK_ROWS)]
    milliseconds = 1000 * seconds_of(
        lambda: score_images(classifier, [*map(ImageVectors.of, blocks)])
    )
    title = f"{SCORED_IMAGES:,} images rated, {SCORED_CONCEPTS} names"
    yield Figure("rate", title, milliseconds, "ms", "at most 400")


def peak_bytes() -> int:
    """Return the peak memory of this process."""
    if sys.platform == "win32":
        return psutil.Process().memory_info().peak_wset
    from resource import RUSAGE_SELF, getrusage

    return getrusage(RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def seconds_of_others() -> float:
    """Return the CPU seconds of all other processes; their load makes figures less reliable."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0.0) - time.process_time()


def seconds_of(
    work: Callable[[], object],
    rounds: int = ROUNDS,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Return the median duration of `work` in seconds, over some rounds."""
    durations = list[float]()
    for _ in range(rounds):
        start = clock()
        work()
        durations.append(clock() - start)
    return median(durations)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=positive, default=200, metavar="N")
    parser.add_argument("--model", metavar="ID|DIR", default="starter")
    parser.add_argument("--device", choices=device_names(), default="auto")
    parser.add_argument("--json", action="store_true")
    args, figures = parser.parse_args(arguments), list[Figure]()
    try:
        model = open_model(args, NEVER)
        with TemporaryDirectory(prefix="nameplate-speed-") as folder:
            for figure in measure(model, args.images, Path(folder)):
                figures.append(figure)
                if not args.json:
                    put(str(figure))
    except NameplateError as error:
        sys.exit(text_of(error.message))
    if args.json:
        put_json({
            "nameplate": __version__,
            "model": model.manifest.id,
            "device": model.device.device,
            "images": args.images,
            "figures": list(map(asdict, figures)),
        })  # fmt: skip


if __name__ == "__main__":
    main()
