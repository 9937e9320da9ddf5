"""Build the starter model: `python models/build_starter.py --out models/starter`.

Needs the packages of `models/requirements-starter.txt` and WordNet 3.0 (Debian:
`wordnet-base`). With `--eval DIR` (a folder of evaluation sets, each a folder of folders of
photos) it also measures the files against the float32 reference and refuses if more than
half a point is lost on any set. What was built, and how well it works: `starter/README.md`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "starter_build"))
sys.path.insert(1, str(Path(__file__).parents[1] / "app"))

import calibrate
import english
import evaluate
import image_tower
import names_tower
import text_tower
from assemble import DIMENSIONS, assemble
from knowledge import Knowledge
from wordnet import read_wordnet

TEMPLATES = "none"
# Fitted with --eval; see calibrate.py. Fixed here so that a build needs no evaluation sets.
SCALE = 48.8
BIAS = -1.6
LIMIT = 0.5  # points that quantisation may cost on any set
MANIFEST = """\
id = "starter"
title = "Nameplate starter"
source = "EfficientNet-lite2, all-MiniLM-L6-v2, multilingual USE, WordNet (build_starter.py)"
licence = "Apache-2.0 (weights), WordNet 3.0 licence (names); see README.md"
family = "starter"
languages = "English, German, French, Spanish, Japanese, Chinese"
embedding_size = {dimensions}
templates = "{templates}"

[image]
file = "image.onnx"
size = {size}
resize = "shortest"
crop = true
interpolation = "bicubic"
mean = {mean}
std = {std}

[text]
file = "text.onnx"
tokenizer = "tokenizer.json"
context_length = {context_length}
padding = "longest"
pad_id = 0
cleaning = "whitespace"

[names]
file = "names.onnx"
tokenizer = "names.json"
context_length = {context_length}
padding = "longest"
pad_id = {names_pad}
cleaning = "whitespace"
english = "english.txt"
glossary = "glossary.txt"
languages = {names_languages}

[head]
kind = "softmax"
scale = {scale}
bias = {bias}

[[descriptors]]
tensor = "flatten_423"
size = 1280

[[descriptors]]
tensor = "add_390"
size = 208
"""
FILES = (
    "image.onnx", "text.onnx", "tokenizer.json",
    "names.onnx", "names.json", "english.txt", "glossary.txt",
)  # fmt: skip


def main() -> int:
    """Build, measure if asked, and put the files in place only if they are good."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the model's files")
    parser.add_argument("--wordnet", type=Path, default=Path("/usr/share/wordnet"))
    parser.add_argument("--eval", type=Path, help="folder of evaluation sets")
    parser.add_argument(
        "--names-only", action="store_true", help="keep the files that read English and images"
    )
    arguments = parser.parse_args()
    encode = text_tower.SentenceEncoder()
    knowledge = Knowledge(read_wordnet(arguments.wordnet), encode)
    if arguments.names_only:
        build_names(knowledge, arguments.wordnet, arguments.out)
        (arguments.out / "model.toml").write_text(manifest(arguments.out, DIMENSIONS))
        return 0
    network = image_tower.load_network()
    memory, head = assemble(knowledge, encode, network)
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=arguments.out.parent) as made:
        folder = Path(made)
        image_tower.write(network, head, folder / "image.onnx")
        text_tower.write(memory, folder / "text.onnx")
        text_tower.write_tokenizer(folder / "tokenizer.json")
        build_names(knowledge, arguments.wordnet, folder)
        (folder / "model.toml").write_text(manifest(folder, DIMENSIONS))
        if arguments.eval:
            sets = [evaluate.read_set(path) for path in sorted(arguments.eval.iterdir())]
            images = {s.name: image_tower.reference(network, head, s.pixels) for s in sets}
            if not measure(
                folder, sets, images, lambda texts: text_tower.apply_memory(memory, encode(texts))
            ):
                return 1
            report_languages(folder, sets)
        for path in folder.iterdir():
            path.chmod(0o644)
            path.replace(arguments.out / path.name)
    return 0


def build_names(knowledge: Knowledge, wordnet: Path, folder: Path) -> None:
    """Build what is needed for names in other languages, beside the `text.onnx` in `folder`."""
    english.write(folder, wordnet, {n for concept in knowledge.concepts for n in concept.names})
    kept = names_tower.used_pieces([name for _, name, _ in english.read_glossary()])
    names_tower.write_tokenizer(kept, folder / "names.json")
    memory = names_tower.memory_of(folder, knowledge, names_tower.NamesEncoder())
    names_tower.write(memory, kept, folder / "names.onnx")


def manifest(folder: Path, dimensions: int) -> str:
    """The text of `model.toml`."""
    text = MANIFEST.format(
        dimensions=dimensions,
        templates=TEMPLATES,
        size=image_tower.SIZE,
        mean=image_tower.MEAN,
        std=image_tower.STD,
        context_length=text_tower.CONTEXT_LENGTH,
        names_pad=names_tower.PAD,
        names_languages=json.dumps(names_tower.LANGUAGES),
        scale=SCALE,
        bias=BIAS,
    )
    for name in FILES:
        data = (folder / name).read_bytes()
        text += f'\n[[files]]\nname = "{name}"\nbytes = {len(data)}\n'
        text += f'sha256 = "{hashlib.sha256(data).hexdigest()}"\n'
    return text


def measure(
    folder: Path,
    sets: list[evaluate.EvaluationSet],
    reference: dict[str, np.ndarray],
    reference_text: evaluate.Encode,
) -> bool:
    """Print accuracy, calibration and speed of the files; False if too much was lost."""
    started = time.perf_counter()
    model = evaluate.ModelFolder(folder)
    print(f"sessions loaded in {1000 * (time.perf_counter() - started):.0f} ms")
    started = time.perf_counter()
    images = {one.name: model.encode_images(one.pixels) for one in sets}
    count = sum(len(one.truth) for one in sets)
    print(f"{count / (time.perf_counter() - started):.1f} images/s, batch {evaluate.BATCH}")
    good = True
    for name, templates in evaluate.TEMPLATE_SETS.items():
        full = evaluate.accuracies(reference_text, reference, sets, templates)
        small = evaluate.accuracies(model.encode_text, images, sets, templates)
        for one in sets:
            was, now = full[one.name], small[one.name]
            print(f"{name:8} {one.name:12} float32 {was:6.2f}  files {now:6.2f}")
            good = good and (name != TEMPLATES or was - now <= LIMIT)
    report_calibration(model, sets, images)
    return good


def report_languages(folder: Path, sets: list[evaluate.EvaluationSet]) -> None:
    """Print the accuracy in every language: as the program encodes names, and without the glossary.

    "English tower": what becomes of the names without all that; the second tower alone is how well
    it does with words that the glossary lacks.
    """
    model = evaluate.ModelFolder(folder)
    images = {one.name: model.encode_images(one.pixels) for one in sets}
    for language in names_tower.LANGUAGES:
        for title, said in (
            ("program", model.encode_as_the_program),
            ("English tower", model.encode_text),
            ("second tower alone", model.encode_names),
        ):
            results = [
                (one.name, evaluate.in_language(said, images[one.name], one, language))
                for one in sets
            ]
            print(f"{language} {title:18}", *(f"{name} {right:.1f}" for name, right in results))


def report_calibration(
    model: evaluate.ModelFolder, sets: list[evaluate.EvaluationSet], images: dict[str, np.ndarray]
) -> None:
    """Print the fitted head and how well the fixed one is calibrated."""
    templates = evaluate.TEMPLATE_SETS[TEMPLATES]
    vectors = {
        s.name: evaluate.concept_vectors(model.encode_text, s.concepts, templates) for s in sets
    }
    scores = [images[s.name] @ vectors[s.name].T for s in sets]
    truths = [s.truth for s in sets]
    print(f"best scale {calibrate.fit_scale(scores, truths):.2f}, used {SCALE}")
    present = [np.arange(len(s.folders)) == s.truth[:, None] for s in sets]
    every, here = (np.concatenate([a.ravel() for a in part]) for part in (scores, present))
    print(f"best bias {calibrate.fit_bias(every, here, SCALE):.2f}, used {BIAS}")
    for one, score in zip(sets, scores, strict=True):
        error, table = calibrate.reliability(SCALE * score, one.truth)
        bins = "  ".join(f"{said:.2f}:{was:.2f} ({count})" for said, was, count in table)
        print(f"{one.name:12} calibration error {error:.3f}  said:was {bins}")


if __name__ == "__main__":
    sys.exit(main())
