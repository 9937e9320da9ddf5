"""What a model folder says about itself, as plain data."""

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
"""Part of the cache key: raise it when `nameplate.inference.preprocess` would give other pixels for
the same file and spec."""

# Wide on purpose: they keep nonsense and memory bombs out, not unusual models.
SIDES: Final = (8, 4096)
CONTEXT_LENGTHS: Final = (3, 8192)

ADDED_TOKENS: Final = 8
"""More than any usual tokenizer adds to a prompt: a start, an end, a space before it."""


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """How a picture becomes the input of the image encoder.

    Attributes:
        file: The ONNX file, relative to the model folder.
        size: Side of the square that the encoder sees, in pixels.
        resize: `shortest`: the shorter side becomes `resized`, the shape is kept; `squash`: both
            sides become `resized`.
        crop: Whether the middle `size` x `size` is cut out after the resize.
        interpolation: Pillow's antialiased filter.
        mean: Taken off each channel (R, G, B) after the division by 255.
        std: Each channel is divided by it after that.
        resize_to: What the resize aims at, where that is more than `size`; None: `size`.
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
        """The side in pixels that the resize aims at."""
        return self.size if self.resize_to is None else self.resize_to


@dataclass(frozen=True, slots=True)
class TextSpec:
    """How a prompt becomes the input of the text encoder.

    Attributes:
        file: The ONNX file, relative to the model folder.
        tokenizer: Its vocabulary, relative to the model folder: a `tokenizer.json`, or one of the
            older files that `nameplate.inference.vocabularies` reads.
        context_length: Most tokens of a prompt, its start and end tokens included.
        padding: `longest`: to the longest prompt of a batch; `max_length`: to `context_length`,
            for towers that attend to the padding or read the last position (MobileCLIP, SigLIP).
        pad_id: The token that pads.
        cleaning: What is done to the text first; see `nameplate.inference.tokenizer`.
    """

    file: str
    tokenizer: str
    context_length: int
    padding: Padding
    pad_id: int
    cleaning: Cleaning

    def surely_holds(self, prompt: str) -> bool:
        """Return whether `prompt` is short enough to be read to its end, without its tokens.

        A token stands for a letter at least: in vocabularies of bytes, word pieces and words alike.
        So a prompt of plain letters has no more tokens than letters, but for what a tokenizer adds
        itself. Letters outside ASCII are several bytes each, normal forms make several of one, and
        repairing and HTML entities change what is counted; only the tokenizer knows those.
        """
        is_plain = prompt.isascii() and prompt.isprintable() and "&" not in prompt
        return is_plain and len(prompt) + ADDED_TOKENS <= self.context_length


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model folder as it was when the folder was made.

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
    """The whole of a `model.toml`.

    Attributes:
        id: Short name for the command line, the CSV and the cache.
        title: Name for the window.
        source: Where the weights come from.
        licence: Of the weights.
        family: The architecture, such as `clip` or `siglip`.
        embedding_size: Length D of an embedding.
        templates: Id of the template set that the model does best with.
        image: Of the image encoder.
        text: Of the text encoder.
        head: Turns scores into probabilities.
        files: Every file that the encoders need.
        notes: What had to be assumed, a sentence each; none where the folder says it all.
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
