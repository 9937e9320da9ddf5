"""The content of a model's manifest, as plain data."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

from nameplate.domain.embeddings import Head

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

ADDED_TOKENS: Final = 8
"""At least what any usual tokenizer adds to a prompt: a start, an end, a space before it."""


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """The preprocessing of images for the image encoder.

    Attributes:
        file: The ONNX file, relative to the model folder.
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
class ModelFile:
    """Size and hash of a file, from when the model folder was made.

    Attributes:
        name: Path relative to the folder, with `/`.
        bytes: Its size.
        sha256: 64 lower-case hexadecimal digits.
    """

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """The content of a `model.toml`.

    Attributes:
        id: Short name for the command line, the CSV and the cache.
        title: Name for the window.
        source: Where the weights come from.
        licence: Of the weights.
        family: The architecture, such as `clip` or `siglip`.
        embedding_size: Length D of an embedding.
        templates: Id of the recommended template set.
        image: Of the image encoder.
        text: Of the text encoder.
        head: Turns scores into probabilities.
        files: Every file that the encoders need.
        notes: Assumptions where the folder lacks information, a sentence each.
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
    notes: tuple[str, ...] = ()
