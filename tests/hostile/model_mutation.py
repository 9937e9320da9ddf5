"""Damages model folders by chance: graphs, configurations, tokenizers, weights and files."""

import json
import os
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto

from hostile.mutation import ANYWHERE
from tiny_model import write_manifest

_DEEP, _NAN, _HUGE = "@deep@", "@nan@", "@huge@"
_AS_TEXT = {_DEEP: 20_000 * "[" + 20_000 * "]", _NAN: "NaN", _HUGE: 5_000 * "9"}

ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1, 2**31, 2**63, -(2**63), 2**70, 1e308, 1e-308, 0.5, "", "\0", "x" * 10**5,
    "../../../../etc/passwd", "/etc/passwd", "\x1b[31mred\r\n", "\ud800", "\u202e", [], {}, [[]],
    [1] * 10_000, {"a": {"b": "c"}}, "image.onnx", "NaN", _DEEP, _NAN, _HUGE,
)  # fmt: skip
"""Values that are of the wrong type, far too large, or lead elsewhere."""

PATTERNS = ("(a+)+$", "(", "(?=.*){100}", ".*.*.*.*=.*", "\\p{L}{1000}", "")

NORMALIZERS: tuple[Any, ...] = (
    {"type": "Replace", "pattern": {"String": ""}, "content": "ab"},
    {"type": "Prepend", "prepend": "x" * 1_000_000},
    {"type": "Sequence", "normalizers": [{"type": "NFKD"}] * 5_000},
    {"type": "Precompiled", "precompiled_charsmap": "AAAA/////w=="},
    {"type": "Nothing"},
    *({"type": "Replace", "pattern": {"Regex": text}, "content": "aa"} for text in PATTERNS),
)
PRE_TOKENIZERS: tuple[Any, ...] = (
    {"type": "Split", "pattern": {"String": ""}, "behavior": "Isolated", "invert": False},
    {"type": "Sequence", "pretokenizers": [{"type": "Whitespace"}] * 5_000},
    {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True},
    *(
        {"type": "Split", "pattern": {"Regex": text}, "behavior": "Removed", "invert": True}
        for text in PATTERNS
    ),
)
POST_PROCESSORS: tuple[Any, ...] = (
    {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "no", "type_id": 0}}],
     "pair": [], "special_tokens": {}},
    {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}] * 3_000,
     "pair": [], "special_tokens": {}},
    {"type": "BertProcessing", "sep": ["[SEP]", 2**31], "cls": ["[CLS]", -1]},
)  # fmt: skip


def mutate_folder(chance: random.Random, folder: Path) -> None:
    """Damage a model folder in place."""
    for _ in range(chance.choice((1, 1, 1, 2))):
        # What was in the way of another change is gone after that.
        acts = [act for act in _ACTS if _files(folder, _ACTS[act])]
        act = chance.choice(acts)
        act(chance, chance.choice(_files(folder, _ACTS[act])))
    manifest = folder / "model.toml"
    if manifest.is_file() and chance.random() < 0.7:
        right_sums(folder)


def right_sums(folder: Path) -> None:
    """Let the manifest say what the files are now, so that the damage is found later or never."""
    manifest = folder / "model.toml"
    said = manifest.read_text(encoding="utf-8", errors="surrogateescape")
    if not all((folder / name).is_file() for name in ("image.onnx", "text.onnx", "tokenizer.json")):
        return
    manifest.unlink()  # it may be a link
    write_manifest(folder)
    sums = manifest.read_text(encoding="utf-8")
    start = said.partition("[[files]]")[0]
    text = start + "[[files]]" + sums.partition("[[files]]")[2]
    manifest.write_text(text, encoding="utf-8", errors="surrogateescape")


def _files(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(path for path in files if path.name.endswith(endings))


def change_bytes(chance: random.Random, path: Path) -> None:
    data = bytearray(path.read_bytes() or b"\0")
    for _ in range(chance.choice((1, 3))):
        chance.choice(ANYWHERE)(chance, data)
        data = data or bytearray(b"\0")
    path.write_bytes(data)


def change_graph(chance: random.Random, path: Path) -> None:
    """Change one thing of a graph that stays an ONNX file."""
    try:
        model = onnx.load(path, load_external_data=False)
        chance.choice(_GRAPH_ACTS)(chance, model)
        path.write_bytes(model.SerializeToString())
    except Exception:  # noqa: BLE001 - it was damaged before, or has nothing to change
        change_bytes(chance, path)


def _wrong_dims(chance: random.Random, model: onnx.ModelProto) -> None:
    tensor = chance.choice(model.graph.initializer)
    tensor.dims[:] = [
        chance.choice((-1, 0, 1, 7, 2**31, 2**62)) for _ in range(chance.randrange(5))
    ]


def _wrong_type(chance: random.Random, model: onnx.ModelProto) -> None:
    chance.choice(model.graph.initializer).data_type = chance.choice((0, 2, 8, 10, 16, 99, -1))


def _wrong_operator(chance: random.Random, model: onnx.ModelProto) -> None:
    node = chance.choice(model.graph.node)
    node.op_type = chance.choice(("Loop", "If", "Range", "Tile", "Nope", "", "Sqrt", "NonZero"))
    node.domain = chance.choice(("", "com.microsoft", "x\0y"))


def _wrong_attribute(chance: random.Random, model: onnx.ModelProto) -> None:
    attribute = chance.choice([a for node in model.graph.node for a in node.attribute])
    attribute.i = chance.choice((-(2**63), -1, 0, 1, 99, 2**62))
    attribute.ints[:] = [chance.choice((-1, 0, 2**31, 2**62)) for _ in range(len(attribute.ints))]


def _cycle(chance: random.Random, model: onnx.ModelProto) -> None:
    node = chance.choice(model.graph.node)
    node.input[0] = model.graph.output[0].name


def _drop_or_repeat(chance: random.Random, model: onnx.ModelProto) -> None:
    node = chance.choice(model.graph.node)
    if chance.random() < 0.5:
        model.graph.node.remove(node)
    else:
        model.graph.node.extend([node] * chance.choice((1, 1000)))


def _wrong_shape(chance: random.Random, model: onnx.ModelProto) -> None:
    value = chance.choice([*model.graph.input, *model.graph.output])
    value.type.tensor_type.elem_type = chance.choice((1, 1, 1, 7, 8, 10, 99))
    for side in value.type.tensor_type.shape.dim:
        if chance.random() < 0.5:
            side.dim_value = chance.choice((-1, 0, 1, 3, 10**6, 2**62))


def _wrong_names(chance: random.Random, model: onnx.ModelProto) -> None:
    value = chance.choice([*model.graph.input, *model.graph.output])
    value.name = chance.choice(("", "x" * 1_000_000, "\x1b[2J", "pixel_values", "input_ids"))


def _outside(chance: random.Random, model: onnx.ModelProto) -> None:
    """Let the bytes of a weight lie in another file, at an offset that is none."""
    tensor = chance.choice(model.graph.initializer)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    places = ("text.onnx", "../tiny/image.onnx", "/etc/passwd", "/dev/zero", "nowhere", "", ".")
    tensor.external_data.add(key="location", value=chance.choice(places))
    for key in ("offset", "length"):
        value = chance.choice(("-1", "0", "8", str(2**63), "x", "9" * 400))
        tensor.external_data.add(key=key, value=value)


def _wrong_version(chance: random.Random, model: onnx.ModelProto) -> None:
    model.opset_import[0].version = chance.choice((-1, 0, 1, 6, 999, 2**62))
    model.ir_version = chance.choice((0, 1, 8, 99))


_GRAPH_ACTS = (
    _wrong_dims, _wrong_type, _wrong_operator, _wrong_attribute, _cycle, _drop_or_repeat,
    _wrong_shape, _wrong_names, _outside, _outside, _wrong_version,
)  # fmt: skip


def change_json(chance: random.Random, path: Path) -> None:
    """Put an odd value in place of one that is somewhere in a JSON file."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return change_bytes(chance, path)
    if path.name == "tokenizer.json" and chance.random() < 0.5:
        change_tokenizer(chance, values)
    else:
        change_value(chance, values)
    text = json.dumps(values)
    for mark, instead in _AS_TEXT.items():
        text = text.replace(f'"{mark}"', instead)
    path.write_text(text, encoding="utf-8")
    return None


def change_value(chance: random.Random, values: Any) -> None:
    while True:
        keys = list(values) if isinstance(values, dict) else list(range(len(values)))
        if not keys:
            return
        key = chance.choice(keys)
        if not isinstance(values[key], dict | list) or chance.random() < 0.3:
            break
        values = values[key]
    if isinstance(values, dict) and chance.random() < 0.2:
        del values[key]
    else:
        values[key] = chance.choice(ODD)


def change_tokenizer(chance: random.Random, values: dict[str, Any]) -> None:
    kind = chance.randrange(4)
    if kind == 0:
        values["normalizer"] = chance.choice(NORMALIZERS)
    elif kind == 1:
        values["pre_tokenizer"] = chance.choice(PRE_TOKENIZERS)
    elif kind == 2:
        values["post_processor"] = chance.choice(POST_PROCESSORS)
    else:
        content = chance.choice(("", "a", " ", "x" * 100_000, "\0"))
        token = {"id": chance.choice((0, -1, 5, 2**31, 2**40)), "content": content}
        sides = {"single_word": False, "lstrip": True, "rstrip": True, "normalized": True}
        tokens = [{**token, **sides, "special": chance.random() < 0.5}]
        many = 20_000 if len(content) < 2 else 20  # else the file has gigabytes
        values["added_tokens"] = tokens * chance.choice((1, many))


def change_toml(chance: random.Random, path: Path) -> None:
    """Put an odd value in place of one in a TOML file."""
    lines = path.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    places = [number for number, line in enumerate(lines) if re.match(r"\w+ = ", line)]
    if not places:
        return change_bytes(chance, path)
    at = chance.choice(places)
    value = json.dumps(chance.choice(ODD))
    for mark, instead in _AS_TEXT.items():
        value = value.replace(f'"{mark}"', instead.replace("NaN", "nan"))
    key = chance.choice((lines[at].split(" = ")[0],) * 4 + ("a." * 5_000 + "a",))
    lines[at] = chance.choice((f"{key} = {value}", "", lines[at] + "\n" + lines[at], "[[[", "\0"))
    path.write_text("\n".join(lines), encoding="utf-8", errors="surrogateescape")
    return None


def change_file(chance: random.Random, path: Path) -> None:
    """Put something else in place of a file."""
    kind = chance.randrange(7)
    path.unlink()
    if kind == 1:
        path.mkdir()
    elif kind == 2 and hasattr(os, "mkfifo"):
        os.mkfifo(path)
    elif kind == 3:
        path.symlink_to(chance.choice(("/etc/passwd", "/dev/zero", "nowhere", "..", path.name)))
    elif kind == 4:
        with path.open("wb") as stream:
            stream.truncate(200_000_000)
    elif kind == 5:
        path.write_bytes(b"")
    elif kind == 6:
        path.write_bytes(chance.randbytes(chance.choice((1, 5_000, 5_000_000))))


_CONFIGURATIONS = ("tokenizer.json", "config.json", "cfg.json", ".json")
_ALL = ("",)
_ACTS: dict[Callable[[random.Random, Path], object], tuple[str, ...]] = {
    change_bytes: _ALL,
    change_graph: (".onnx",),
    change_json: _CONFIGURATIONS,
    change_toml: (".toml",),
    change_file: _ALL,
}
"""What is done, and to files of which endings."""
