"""What reading costs, beyond what `tests/perf/speed.py` says: every format, batches, memory.

pytest -s tests/perf/test_reading.py

NAMEPLATE_PERF_MODEL names a model (default: starter), NAMEPLATE_PERF_FILES how many files memory
is measured with (default: 500).
"""

import json
import os
import subprocess
import sys
import time
from itertools import islice

import numpy as np
import pi_heif
import pytest
from PIL import Image

from nameplate.domain.progress import CancelToken
from nameplate.inference.preprocess import pixels
from nameplate.model_hub.installed import model_folder, open_folder
from nameplate.pipeline.reading.embedding import embed_images
from nameplate.pipeline.reading.pools import encoder_pool
from nameplate.pipeline.reading.prefetch import read_pixels
from perf.measuring import Report
from perf.speed import decode_seconds, encode_seconds, make_picture

pytestmark = pytest.mark.perf

KINDS = {
    "0.2 MP JPEG": (0.2, ".jpg", 12),
    "0.5 MP JPEG": (0.5, ".jpg", 12),
    "2 MP JPEG": (2, ".jpg", 8),
    "12 MP JPEG": (12, ".jpg", 4),
    "24 MP JPEG": (24, ".jpg", 2),
    "2 MP PNG": (2, ".png", 4),
    "2 MP WebP": (2, ".webp", 4),
    "2 MP HEIC": (2, ".heic", 4),
}
"""Megapixels, format, and how many files."""

MIXED = (
    "0.2 MP JPEG", "0.5 MP JPEG", "2 MP JPEG", "12 MP JPEG", "12 MP JPEG", "12 MP JPEG", "2 MP PNG",
    "2 MP HEIC", "24 MP JPEG",
)  # fmt: skip
"""Mostly a phone's pictures."""

ROUNDS = 5
MEMORY = """
import json, re, sys, time
from pathlib import Path
import psutil
from nameplate.domain.images import ImageTable
from nameplate.domain.progress import CancelToken
from nameplate.pipeline.reading.collection import embed_all
from nameplate.model_hub.installed import open_folder
model = open_folder(Path(sys.argv[1]), device="cpu").load()
files = [Path(line) for line in sys.stdin.read().splitlines()]
loaded, start = psutil.Process().memory_info().rss, time.perf_counter()
table = ImageTable()
table.add(files)
embed_all(table, model, cache=None, cancel=CancelToken(), on_progress=id, on_note=print)
speed = len(files) / (time.perf_counter() - start)
# Not getrusage, which counts what the parent had when it forked.
peak = int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024
print(json.dumps([loaded / 1e6, peak / 1e6, speed]))
"""


def save(image, path):
    if path.suffix == ".heic":
        # It brings an encoder under the GPL, so it is installed by hand, for this alone.
        pillow_heif = pytest.importorskip("pillow_heif")
        pillow_heif.from_pillow(image).save(path, quality=90)
    else:  # WebP's default effort would take a minute; what it costs to read stays the same
        image.save(path, quality=90, **({"method": 1} if path.suffix == ".webp" else {}))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Kind -> its files."""
    folder, made = tmp_path_factory.mktemp("files"), {}
    for kind, (megapixels, suffix, count) in KINDS.items():
        made[kind] = [folder / f"{kind}-{n}{suffix}" for n in range(count)]
        for number, path in enumerate(made[kind]):
            save(make_picture(number, megapixels), path)
    return made


@pytest.fixture(scope="module")
def model():
    name = os.environ.get("NAMEPLATE_PERF_MODEL", "starter")
    return open_folder(model_folder(name), device="cpu").load()


def plain_pixels(path, spec):
    """Return what the encoder sees by Pillow as everyone uses it: opened, converted, resized."""
    with Image.open(path) as image:
        return pixels(image.convert("RGB"), spec)


def clocked(work, clock):
    start = clock()
    work()
    return clock() - start


def test_decoding_against_plain_pillow(files, model, capsys):
    spec, cosine = model.manifest.image, {}
    report = Report(capsys, "decoding: images/s a core, and the same by plain Pillow")
    pi_heif.register_heif_opener()
    for kind, paths in files.items():
        # HEIC is decoded in a child, whose seconds of a core are not ours: by the clock.
        clock = time.perf_counter if paths[0].suffix == ".heic" else time.process_time
        # File by file, so that both meet the same minute of a busy machine.
        pairs = np.array([
            [
                (clocked(lambda p=p: read_pixels(p, spec), clock),
                 clocked(lambda p=p: plain_pixels(p, spec), clock))
                for p in paths
            ]
            for _ in range(ROUNDS)
        ])  # fmt: skip
        own, plain = pairs.sum(axis=1).T
        ratios = plain / own
        seen = [[read_pixels(p, spec)[0], plain_pixels(p, spec)] for p in paths]
        vectors = np.stack([model.image.encode(np.stack(two)) for two in seen])
        cosine[kind] = float((vectors[:, 0] * vectors[:, 1]).sum(axis=1).min())
        speeds = [len(paths) / np.median(seconds) for seconds in (own, plain)]
        spread = f"{np.median(ratios):.2f} x ({ratios.min():.2f} to {ratios.max():.2f})"
        report.row(kind, f"{speeds[0]:.1f}  {speeds[1]:.1f}  {spread}, cosine {cosine[kind]:.5f}")
        if kind == "12 MP JPEG":
            assert np.median(ratios) > 2  # wanted: 4
    assert min(cosine.values()) >= 0.999


def test_batches_of_the_image_encoder(files, model, capsys):
    report = Report(capsys, "the image encoder alone, and what comes before it")
    paths = files["0.5 MP JPEG"]
    for rows in (1, 4, 8, 16, 32):
        runs = max(1, 32 // rows)
        seconds = [encode_seconds(model, paths, rows, runs) for _ in range(ROUNDS)]
        report.row(f"batch of {rows}", f"{1 / np.median(seconds):.1f} images/s")
    with Image.open(paths[0]) as image:
        whole = image.convert("RGB")
    work = lambda: pixels(whole, model.manifest.image)  # noqa: E731
    times = [clocked(work, time.process_time) for _ in range(4 * ROUNDS)]
    report.row("preparing 0.5 MP", f"{1000 * np.median(times):.2f} ms of a core")


def test_embedding_uses_the_processor_for_little_else_than_it_must(files, model, capsys):
    paths, cancel, used = files["0.5 MP JPEG"], CancelToken(), []
    many, (rows, batches) = 4 * paths, (4, 4 * model.concurrency)
    batch = np.stack([read_pixels(path, model.manifest.image)[0] for path in paths[:rows]])
    for _ in range(ROUNDS):
        with encoder_pool(model) as pool:
            work = lambda: list(pool.map(model.image.encode, [batch] * batches))  # noqa: E731
            encoding = clocked(work, time.process_time) / (batches * rows)
        needed = encoding + decode_seconds(paths, model)
        events = embed_images(range(len(many)), many, model, cache=None, cancel=cancel)
        whole = clocked(lambda: list(events), time.process_time) / len(many)  # noqa: B023
        used.append(needed / whole)
    report = Report(capsys, "files to embeddings, which holds on a busy machine")
    report.row("decoding and encoding, of the processor's time", f"{np.median(used):.3f}")
    assert np.median(used) > 0.8


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_of_large_and_small_files(files, model, capsys):
    count = int(os.environ.get("NAMEPLATE_PERF_FILES", "500"))
    endless = (files[kind][n % len(files[kind])] for n in range(count) for kind in MIXED)
    listing = "\n".join(map(str, islice(endless, count)))
    command = [sys.executable, "-c", MEMORY, str(model.folder)]
    done = subprocess.run(command, input=listing, capture_output=True, text=True, check=True)
    loaded, peak, speed = json.loads(done.stdout)
    report = Report(capsys, f"{count:,} files of 0.2 to 24 MP, the same ones again and again")
    report.row("with the model loaded", f"{loaded:.0f} MB")
    report.row("at most", f"{peak:.0f} MB")
    report.row("those files", f"{speed:.1f} images/s")
    assert peak - loaded < 1000
