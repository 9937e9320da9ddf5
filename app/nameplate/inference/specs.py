"""The content of a model's manifest as plain data, with the checks of its keys."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from nameplate.domain.embeddings import Head
from nameplate.domain.messages import Message
from nameplate.inference.fields import (
    Check,
    Fields,
    choice,
    flag,
    identifier,
    languages,
    notes,
    number,
    plain_path,
    sha256,
    shown_text,
    triple,
    whole,
)

Resize = Literal["shortest", "squash"]
Interpolation = Literal["bicubic", "bilinear"]
CropRounding = Literal["round", "down"]
Padding = Literal["longest", "max_length"]
Cleaning = Literal["none", "whitespace", "lower", "repair", "clip", "canonicalize", "siglip"]
Triple = tuple[float, float, float]

CLEANINGS: Final[tuple[Cleaning, ...]] = get_args(Cleaning)

PREPROCESS_VERSION: Final = 1
"""Part of the cache key: raise it when `nameplate.inference.preprocess` gives other pixels for the
same file and spec."""

# Wide on purpose: they reject nonsense and memory bombs, not unusual models.
SIDES: Final = (8, 4096)
CONTEXT_LENGTHS: Final = (3, 8192)
TEMPLATE_SETS: Final = ("none", "simple", "openai7", "openai80")
EMBEDDING_SIZES: Final = (2, 65_536)
DESCRIPTOR_SIZES: Final = (1, 8192)
MOST_DESCRIPTORS: Final = 8
LARGEST_ID: Final = 2**31 - 1
SMALLEST_POSITIVE: Final = 1e-6
LARGEST_LOGIT: Final = 10_000.0

_ROUNDING: Final[Check[CropRounding]] = choice("round", "down")

ADDED_TOKENS: Final = 8
"""At least what any usual tokenizer adds to a prompt: a start, an end, a space before it."""


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """The preprocessing of images for the image encoder.

    Attributes:
        size: Side of the encoder's square input, in pixels.
        resize: `shortest`: the shorter side becomes `resized`, the aspect ratio is kept; `squash`:
            both sides become `resized`.
        crop: Whether the central `size` x `size` is cropped after the resize.
        interpolation: Pillow's antialiased filter.
        mean: Subtracted from each channel (R, G, B) after the division by 255.
        std: Divides each channel after that.
        resize_to: Target of the resize, where that is more than `size`; None: `size`.
        crop_rounding: Where the crop begins when the margin is odd. `round`: at the nearest pixel,
            a half to the even one, as torchvision and open_clip; `down`: at the pixel before the
            half, as transformers and immich.
    """

    file: str
    size: int
    resize: Resize
    crop: bool
    interpolation: Interpolation
    mean: Triple
    std: Triple
    resize_to: int | None = None
    crop_rounding: CropRounding = "round"

    @property
    def resized(self) -> int:
        """The side in pixels after the resize."""
        return self.size if self.resize_to is None else self.resize_to


@dataclass(frozen=True, slots=True)
class TextSpec:
    """The tokenisation of prompts for the text encoder.

    Attributes:
        file: The ONNX file, relative to the model folder.
        tokenizer: Its vocabulary, relative to the model folder: a `tokenizer.json`, or one of the
            older files that `nameplate.inference.vocabularies` reads.
        context_length: Largest number of tokens of a prompt, start and end tokens included.
        padding: `longest`: to the longest prompt of a batch; `max_length`: to `context_length`,
            for encoders that attend to the padding or read the last position (MobileCLIP, SigLIP).
        pad_id: Id of the padding token.
        cleaning: Applied to the text first; see `nameplate.inference.tokenizer`.
    """

    file: str
    tokenizer: str
    context_length: int
    padding: Padding
    pad_id: int
    cleaning: Cleaning

    def certainly_fits(self, prompt: str) -> bool:
        """Return whether `prompt` fits into the context length, decided without a tokenizer.

        False where only the tokenizer can tell. A token stands for at least one character, in
        vocabularies of bytes, word pieces and words alike. So a plain ASCII prompt has at most as
        many tokens as characters, plus those that a tokenizer adds. Characters outside ASCII are
        several bytes each, Unicode normalisation can make several of one, and repairing and HTML
        entities change the text.
        """
        is_plain = prompt.isascii() and prompt.isprintable() and "&" not in prompt
        return is_plain and len(prompt) + ADDED_TOKENS <= self.context_length


@dataclass(frozen=True, slots=True)
class NamesSpec(TextSpec):
    """A second text encoder, for names in other languages than English.

    Attributes:
        english: A file with the words of English, one a line: prompts with other words are for it.
        glossary: A file with lines of language, name and English name, separated by tabs.
        languages: Codes of the languages that it reads, such as `de`.
    """

    english: str
    glossary: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """Size and hash of a file, from when the model folder was made; its path in it has `/`."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DescriptorSpec:
    """An inner tensor of the image encoder's graph that is part of the descriptor."""

    tensor: str
    size: int


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """The content of a `model.toml`.

    Attributes:
        id: Short name for the command line, the CSV and the cache.
        family: The architecture, such as `clip` or `siglip`.
        embedding_size: Length D of an embedding.
        templates: Id of the recommended template set.
        files: Every file that the encoders need.
        notes: Assumptions where the folder lacks information.
        languages: That prompts can be in, such as `English`; None where it is not known.
        names: Of the second text encoder, if there is one.
        descriptors: Inner tensors that classifiers are fitted to; none: to the embedding.
    """

    id: str
    title: str
    source: str
    licence: str
    family: str
    embedding_size: int
    templates: str
    image: ImageSpec
    text: TextSpec
    head: Head
    files: tuple[ModelFile, ...]
    notes: tuple[Message, ...] = ()
    languages: str | None = None
    names: NamesSpec | None = None
    descriptors: tuple[DescriptorSpec, ...] = ()

    @property
    def sizes(self) -> tuple[int, int]:
        """The lengths D of an embedding, and E of a descriptor; E is 0 without any."""
        return self.embedding_size, sum(one.size for one in self.descriptors)


def manifest_from(table: Fields, folder: Path) -> ModelManifest:
    """Return the manifest in a table.

    Raises:
        ModelError: A key is missing, mistyped or out of range, or a name leads out of `folder`.
    """
    files = tuple(model_file(entry, folder) for entry in table.tables("files"))
    return ModelManifest(
        id=table.get("id", identifier),
        title=table.get("title", shown_text),
        source=table.get("source", shown_text),
        licence=table.get("licence", shown_text),
        family=table.get("family", shown_text),
        embedding_size=table.get("embedding_size", whole(*EMBEDDING_SIZES)),
        templates=table.get("templates", choice(*TEMPLATE_SETS), "simple"),
        image=image_spec(table.table("image"), folder),
        text=text_spec(table.table("text"), folder),
        head=head_of(table.table("head")),
        files=files,
        notes=table.get("notes", notes, ()),
        languages=table.get("languages", shown_text, None),
        names=_names_spec(table.table("names"), folder) if table.has("names") else None,
        descriptors=descriptor_specs(table),
    )


def descriptor_specs(table: Fields) -> tuple[DescriptorSpec, ...]:
    """Return the specs in the tables `[[descriptors]]`, which may be missing; raises likewise."""
    if not table.has("descriptors"):
        return ()
    found = tuple(
        DescriptorSpec(one.get("tensor", shown_text), one.get("size", whole(*DESCRIPTOR_SIZES)))
        for one in table.tables("descriptors")
    )
    if len(found) > MOST_DESCRIPTORS or sum(one.size for one in found) > DESCRIPTOR_SIZES[1]:
        table.refuse("descriptors", Message("too-many-descriptors", {"most": DESCRIPTOR_SIZES[1]}))
    return found


def model_file(table: Fields, folder: Path) -> ModelFile:
    """Return the file in a table `[[files]]`; raises as `manifest_from`."""
    name = _file_name(table, "name", folder)
    return ModelFile(name, table.get("bytes", whole(0, 2**50)), table.get("sha256", sha256))


def _file_name(table: Fields, key: str, folder: Path) -> str:
    """Return the relative path under `key`, which must stay in `folder`, links resolved."""
    name = table.get(key, plain_path)
    try:
        target, home = (folder / name).resolve(), folder.resolve()
    except (OSError, RuntimeError):  # a link to itself; RuntimeError before Python 3.13
        table.refuse(key, Message("names-broken-link", {"file": name}))
    if not target.is_relative_to(home):
        table.refuse(key, Message("names-link-outside", {"file": name}))
    return name


def image_spec(table: Fields, folder: Path) -> ImageSpec:
    """Return the spec in the table `[image]`; raises as `manifest_from`."""
    size = table.get("size", whole(*SIDES))
    spec = ImageSpec(
        file=_file_name(table, "file", folder),
        size=size,
        resize=table.get("resize", choice("shortest", "squash")),
        crop=table.get("crop", flag),
        interpolation=table.get("interpolation", choice("bicubic", "bilinear")),
        mean=table.get("mean", triple(0.0, 1.0)),
        std=table.get("std", triple(SMALLEST_POSITIVE, 10.0)),
        resize_to=table.get("resize_to", whole(size, SIDES[1]), None),
        crop_rounding=table.get("crop_rounding", _ROUNDING, "round"),
    )
    # Both would give the encoder an input that is not size x size.
    if spec.resize == "shortest" and not spec.crop:
        table.refuse("crop", Message("must-crop"))
    if not spec.crop and spec.resized != size:
        table.refuse("resize_to", Message("must-be-the-size"))
    return spec


def text_spec(table: Fields, folder: Path) -> TextSpec:
    """Return the spec in the table `[text]`; raises as `manifest_from`."""
    return TextSpec(
        file=_file_name(table, "file", folder),
        tokenizer=_file_name(table, "tokenizer", folder),
        context_length=table.get("context_length", whole(*CONTEXT_LENGTHS)),
        padding=table.get("padding", choice("longest", "max_length")),
        pad_id=table.get("pad_id", whole(0, LARGEST_ID)),
        cleaning=table.get("cleaning", choice(*CLEANINGS)),
    )


def _names_spec(table: Fields, folder: Path) -> NamesSpec:
    return NamesSpec(
        **asdict(text_spec(table, folder)),
        english=_file_name(table, "english", folder),
        glossary=_file_name(table, "glossary", folder),
        languages=table.get("languages", languages),
    )


def head_of(table: Fields) -> Head:
    """Return the head in the table `[head]`; raises as `manifest_from`."""
    return Head(
        kind=table.get("kind", choice("softmax", "sigmoid")),
        scale=table.get("scale", number(SMALLEST_POSITIVE, LARGEST_LOGIT)),
        bias=table.get("bias", number(-LARGEST_LOGIT, LARGEST_LOGIT), None),
    )
