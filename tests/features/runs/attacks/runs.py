"""Folders of labels and vectors, tables and models from a stranger, who wants to do harm.

What lies outside the folder stays as it was, whatever is in it; what goes wrong is said by an error
of ours, within seconds and a few hundred megabytes.
"""

import json
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import replace
from functools import cache
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import onnxruntime
import pyarrow as pa
from onnx import TensorProto, helper
from PIL import Image
from pyarrow import parquet

from features.runs.parquet_bombs import BOMBS
from nameplate.cli.main import run
from nameplate.domain.errors import NameplateError, UsageError
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.sampling import sampled_project
from nameplate.features.runs.shards import read_manifest, read_shard, write_shard
from nameplate.inference.external import external_files
from tiny_model import build_tiny_model

FILES = (
    "manifest.json", "rules.json", "embeddings/00000.parquet",
    "embeddings/00001.parquet", "labels/00000.parquet", "labels/00001.parquet", ".lock",
)  # fmt: skip
PLACES = (*FILES, "embeddings", "labels", "labels/00002.parquet", ".nameplate-0123456789ab.tmp")
SECONDS, MEMORY = 20, 500 << 20
COLOURS = ("red", "blue", "green", "grey")
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1, 2, 3, 10**5, 10**10, 2**63, -(2**63), 10**400, 1e308, float("nan"), "",
    "\0", "x" * 10**5, "../../../etc/passwd", "/dev/zero", "\x1b[2J", "\ud800", [], {}, [[]],
    [{}] * 1000, {"a": {"b": "c"}}, "1 inputs, sha256 0", "//host/share", "https://example.invalid/a",
)  # fmt: skip


@cache
def made(home: Path) -> tuple[Path, Path, Path]:
    """Return pictures, a model and a whole folder of labels of them, made once."""
    pictures, model, out = (home / name for name in ("pictures", "model", "run"))
    pictures.mkdir(parents=True)
    model.mkdir()
    for number, colour in enumerate(COLOURS):
        Image.new("RGB", (40, 30), colour).save(pictures / f"{number}.png")
    build_tiny_model(model)
    assert _label(out, model, pictures, "--shard-size", "2") == 0
    return pictures, model, out


def _label(out: Path, model: Path, *options: object, names: tuple[str, ...] = COLOURS[:2]) -> int:
    concepts = [word for name in names for word in ("--concept", name)]
    words = ["label", *map(str, options), "--out", str(out), "--model", str(model), *concepts]
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as said:
        code = run(words)
    assert code in {0, 1, 2, 3}, code
    assert "Traceback" not in said.getvalue(), said.getvalue()
    return code


class Case:
    """A copy of a folder of labels, and something that must stay as it is."""

    def __init__(self, folder: Path) -> None:
        self.pictures, self.model, whole = made(folder.parent / "made for runs")
        self.out, self.outside = folder / "run", folder / "outside"
        shutil.copytree(whole, self.out)
        self.outside.mkdir()
        (self.outside / "canary").write_bytes(b"mine")
        shutil.copytree(whole / "labels", self.outside / "labels")

    def try_all(self, chance: Random) -> int:
        """Go on with it, draw a sample of it; return the exit code of the first."""
        before = _contents(self.outside), _contents(self.pictures)
        with bounded():
            named = (self.pictures,) if chance.random() < 0.5 else ()
            names = COLOURS[:2] if chance.random() < 0.5 else COLOURS[2:]
            code = _label(self.out, self.model, *named, names=names)
            with suppress(UsageError):
                list(sampled_project(self.out, CancelToken(), 3))
        assert before == (_contents(self.outside), _contents(self.pictures))
        return code


def _contents(folder: Path) -> Mapping[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@contextmanager
def bounded() -> Iterator[None]:
    """Fail where something takes too long or too much memory; errors of ours are none."""
    peaks = Path("/proc/self/clear_refs")
    if peaks.exists():
        peaks.write_text("5")  # forget the highest use until now
    before, begun = _peak(), time.monotonic()
    with suppress(NameplateError):
        yield
    assert time.monotonic() - begun < SECONDS
    assert _peak() - before < MEMORY, f"{(_peak() - before) >> 20} MB"


def _peak() -> int:
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))


def link_in_the_folder(chance: Random, folder: Path) -> None:
    case = Case(folder)
    file = case.out / chance.choice(PLACES)
    if file.is_dir():
        shutil.rmtree(file)
    file.unlink(missing_ok=True)
    targets = ("canary", "labels", "labels/00000.parquet", "not there", ".")
    target = chance.choice([*(case.outside / one for one in targets), Path("/dev/zero")])
    file.symlink_to(os.path.relpath(target, file.parent) if chance.random() < 0.3 else target)
    assert case.try_all(chance) == 2
    assert file.is_symlink()


def other_kind_of_file(chance: Random, folder: Path) -> None:
    case = Case(folder)
    file = case.out / chance.choice(FILES)
    file.unlink(missing_ok=True)
    match chance.choice(("pipe", "folder", "socket", "empty")):
        case "pipe":
            os.mkfifo(file)
        case "folder":
            file.mkdir()
        case "socket" if len(str(file)) < 100:
            with socket.socket(socket.AF_UNIX) as one:
                one.bind(str(file))
        case _:
            file.touch()
    case.try_all(chance)


def odd_values(chance: Random, folder: Path) -> None:
    """Let the manifest or the rules say anything."""
    case = Case(folder)
    file = case.out / chance.choice(("manifest.json", "rules.json"))
    values = json.loads(file.read_bytes())
    for _ in range(chance.choice((1, 1, 2))):
        values[chance.choice(sorted(values))] = chance.choice(ODD)
    text = json.dumps(values)
    if chance.random() < 0.2:
        deep = chance.randrange(10**3, 10**6)
        text = chance.choice(("[" * deep, '{"a":' * deep, "[" + "[]," * 10**6 + "0]", text * 2))
    file.write_text(text, encoding="utf-8", errors="surrogatepass")
    case.try_all(chance)


def paths_of_anything(chance: Random, folder: Path) -> None:
    """Let a shard, which is whole, lead anywhere."""
    case = Case(folder)
    manifest = read_manifest(case.out)
    assert manifest is not None
    shard = read_shard(case.out, manifest, 0)
    odd = (
        *(str(case.outside / "canary"), "/dev/zero", "../outside/canary", "a\0b", "x" * 10**5),
        *("//host/share/a.png", "https://example.invalid/a.png", "a.tar/b.png", ""),
    )
    paths = [*shard.paths]
    paths[chance.randrange(len(paths))] = chance.choice(odd)
    write_shard(case.out, manifest, 0, replace(shard, paths=paths))
    case.try_all(chance)


def bomb_in_a_shard(chance: Random, folder: Path) -> None:
    """Put a bomb in the place of a file, with what that file says of itself."""
    case = Case(folder)
    file = case.out / chance.choice(("embeddings", "labels")) / "00000.parquet"
    about = parquet.read_metadata(file)
    columns = {field.name: field for field in parquet.read_schema(file)}
    texts = [name for name, field in columns.items() if pa.types.is_string(field.type)]
    if chance.random() < 0.4:
        BOMBS[chance.choice(sorted(BOMBS))](chance, file, chance.choice(texts))
    else:
        table = parquet.read_table(file)
        long = pa.array(["x" * chance.randrange(10**7, 9 * 10**7)])
        many = pa.DictionaryArray.from_arrays(pa.array([0] * len(table), pa.int32()), long)
        name = chance.choice(texts)
        table = table.set_column(table.schema.get_field_index(name), name, many)
        parquet.write_table(
            table.replace_schema_metadata(about.metadata), file, compression="zstd",
            write_statistics=False, dictionary_pagesize_limit=1 << 30,
        )  # fmt: skip
    case.try_all(chance)


def vectors_of_another_shape(chance: Random, folder: Path) -> None:
    case = Case(folder)
    file = case.out / "embeddings/00000.parquet"
    table, length = parquet.read_table(file), chance.choice((1, 3, 10**4))
    at = table.schema.get_field_index("embedding")
    size = table.schema.field(at).type.list_size
    arrays: tuple[Callable[[], Any], ...] = (
        lambda: pa.array([[1.0] * length] * len(table)),
        lambda: pa.array([[float("nan")] * size] * len(table), pa.list_(pa.float16(), size)),
        lambda: pa.array([[float("inf")] * size] * len(table), pa.list_(pa.float16(), size)),
        lambda: pa.array([None] * len(table), pa.list_(pa.float16(), size)),
        lambda: pa.array([[None] * size] * len(table), pa.list_(pa.float16(), size)),
        lambda: pa.array(np.zeros((len(table), 4)).tolist(), pa.list_(pa.float32(), 4)),
        lambda: pa.array(["text"] * len(table)),
        lambda: pa.array([[0.0] * 10**6] * len(table), pa.list_(pa.float16(), 10**6)),
    )
    other = table.set_column(at, "embedding", chance.choice(arrays)())
    codec = chance.choice(("none", "zstd"))
    parquet.write_table(other, file, compression=codec, use_dictionary=chance.random() < 0.5)
    case.try_all(chance)


def changed_bytes(chance: Random, folder: Path) -> None:
    case = Case(folder)
    file = case.out / chance.choice(FILES)
    content = bytearray(file.read_bytes() or b"\0")
    for _ in range(chance.choice((1, 1, 5))):
        content[chance.randrange(len(content))] = chance.randrange(256)
    file.write_bytes(content[: chance.choice((len(content), chance.randrange(len(content) + 1)))])
    case.try_all(chance)


def weights_that_are_hidden(chance: Random, folder: Path) -> None:
    """Write a graph in odd ways: weights that the runtime finds, the search finds or refuses."""
    (folder / "weights.bin").write_bytes(np.arange(4, dtype=np.float32).tobytes())
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4], data_location=1)
    tensor.external_data.add(key="location", value="weights.bin")
    content = tensor.SerializeToString()
    output = helper.make_tensor_value_info("w", TensorProto.FLOAT, [4])
    model = helper.make_model(helper.make_graph([], "g", [], [output]), ir_version=8)
    for number in (5, 7):
        content = _hidden(chance, content, number)
    (folder / "graph.onnx").write_bytes(model.SerializeToString() + content)
    try:
        found = external_files(folder, "graph.onnx")
    except NameplateError:
        return
    try:
        session = onnxruntime.InferenceSession(folder / "graph.onnx")
        is_read = session.run(None, {})[0].tolist() == [0, 1, 2, 3]
    except Exception:  # noqa: BLE001 - the runtime refuses it
        return
    assert found == ("weights.bin",) or not is_read


def _hidden(chance: Random, content: bytes, number: int) -> bytes:
    """Return `content` as field `number` of a message, written in an odd way."""
    odd = bytes(
        chance.choice(([], [], [0x4B, 0x08, 0x01, 0x4C], [0x4B, 0x4C], [0x4C], [0x00], [0x4F]))
    )
    tag = _varint(
        number << 3 | chance.choice((2, 2, 2, 3)) | chance.choice((0, 0, 1 << 32, 1 << 35))
    )
    length = _varint(len(content), chance.choice((0, 0, 1, 3, 6)))
    end = odd if chance.random() < 0.3 else b""
    return (odd if chance.random() < 0.5 else b"") + tag + length + content + end


def _varint(number: int, extra: int = 0) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    for _ in range(extra):  # zeros that change nothing
        found[-1] |= 128
        found.append(0)
    return bytes(found)


ATTACKS = {
    one.__name__: one
    for one in (
        link_in_the_folder, other_kind_of_file, odd_values, paths_of_anything, bomb_in_a_shard,
        vectors_of_another_shape, changed_bytes, weights_that_are_hidden,
    )
}  # fmt: skip
