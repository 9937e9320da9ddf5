"""Folders of models with words that are learned here, and files of every kind of picture."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

from parity.golden_prompts import PROMPTS

SIDE = 64


def build_hf_clip(folder: Path) -> Path:
    """Write a small CLIPModel's configuration with CLIP's own vocabulary; no weights."""
    from open_clip.tokenizer import SimpleTokenizer
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPTokenizer

    simple = SimpleTokenizer()
    names = {"<start_of_text>": "<|startoftext|>", "<end_of_text>": "<|endoftext|>"}
    vocabulary = {names.get(word, word): number for word, number in simple.encoder.items()}
    merges = sorted(simple.bpe_ranks, key=simple.bpe_ranks.__getitem__)
    CLIPTokenizer(vocab=vocabulary, merges=merges).save_pretrained(folder)
    CLIPImageProcessor(
        size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}
    ).save_pretrained(folder)
    small = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2}
    small["num_attention_heads"] = 2
    CLIPConfig(
        text_config={**small, "vocab_size": 49408, "bos_token_id": 49406, "eos_token_id": 49407},
        vision_config={**small, "image_size": SIDE, "patch_size": 16},
        projection_dim=32,
    ).save_pretrained(folder)
    return folder


def save_hf_weights(folder: Path, *, outliers: bool = False) -> None:
    """Write weights for the configuration in `folder`, from seed 0.

    With `outliers` a few columns of each matrix are a thousand times the others, so that 8 bits
    cannot hold both.
    """
    import torch
    from transformers import AutoConfig, AutoModel

    torch.manual_seed(0)
    model = AutoModel.from_config(AutoConfig.from_pretrained(folder))
    if outliers:
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if "fc1" in name and weight.ndim == 2:
                    weight[:, ::17] *= 1000
    model.save_pretrained(folder)


def build_open_clip(folder: Path, *, own_words: bool = False) -> Path:
    """Write a small open_clip model: its configuration, and a checkpoint with weights of seed 0.

    With `own_words` its tokenizer is one of Hugging Face, whose texts open_clip cleans its usual
    way, and not CLIP's.
    """
    import open_clip
    import torch

    folder.mkdir()
    text = {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 2}
    if own_words:
        learn_words(folder)
        text["hf_tokenizer_name"] = "in this folder"
    config = {
        "model_cfg": {
            "embed_dim": 32,
            "quick_gelu": True,
            "vision_cfg": {"image_size": SIDE, "layers": 2, "width": 64, "patch_size": 16},
            "text_cfg": text,
        },
        "preprocess_cfg": {"mean": [0.4, 0.5, 0.6], "std": [0.2, 0.3, 0.25]},
    }
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    torch.manual_seed(0)
    model = open_clip.create_model(f"local-dir:{folder}", load_weights=False)
    torch.save({"state_dict": model.state_dict()}, folder / "trained.pt")
    return folder


def learn_words(folder: Path) -> None:
    """Write a tokenizer of T5's kind: pieces with their probabilities, `</s>` ends and pads."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import T5Tokenizer

    words = Tokenizer(models.Unigram())
    words.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<pad>", "</s>", "<unk>"]
    trainer = trainers.UnigramTrainer(
        vocab_size=1000, special_tokens=special, unk_token="<unk>", show_progress=False
    )
    words.train_from_iterator(PROMPTS, trainer)
    pieces = [tuple(piece) for piece in json.loads(words.to_str())["model"]["vocab"]]
    T5Tokenizer(vocab=pieces, pad_token="</s>", extra_ids=0).save_pretrained(folder)


def build_open_clip_siglip(folder: Path) -> Path:
    """Write what a folder of open_clip's ViT-B-16-SigLIP holds, but for the weights.

    Architecture and preprocessing are those that open_clip knows for the tag `webli`. The words lie
    on a model hub, so they are learned here, for a tokenizer of the same kind
    (timm/ViT-B-16-SigLIP).
    """
    import open_clip
    from open_clip.pretrained import get_pretrained_cfg

    arch = "ViT-B-16-SigLIP"
    known = get_pretrained_cfg(arch, "webli")
    keys = ("mean", "std", "interpolation", "resize_mode")
    config = {"model_cfg": open_clip.get_model_config(arch)}
    config["preprocess_cfg"] = {key: known[key] for key in keys}
    learn_words(folder)
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    return folder


def build_hf_siglip(folder: Path) -> Path:
    """Write a small SiglipModel's configuration with a vocabulary made here; no weights."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast, SiglipConfig, SiglipImageProcessor

    # All white space has its tokens, as in Gemma's words, which SigLIP 2 has.
    words = Tokenizer(models.BPE(unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=["<pad>", "</s>", "<unk>"])
    words.train_from_iterator(["a photo of a dog and a cat in the red house by the sea"], trainer)
    words.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 1)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="</s>", eos_token="</s>", unk_token="<unk>"
    ).save_pretrained(folder)
    SiglipImageProcessor(size={"height": SIDE, "width": SIDE}).save_pretrained(folder)
    small = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2}
    small["num_attention_heads"] = 2
    SiglipConfig(
        text_config={**small, "vocab_size": words.get_vocab_size(), "max_position_embeddings": 64},
        vision_config={**small, "image_size": SIDE, "patch_size": 16},
    ).save_pretrained(folder)
    return folder


def write_pictures(folder: Path) -> list[tuple[Path, Image.Image]]:
    """Write pictures of every kind; with each comes what an upright RGB of it is, by Pillow."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(3)
    found = []

    def grain(width: int, height: int) -> Image.Image:
        coarse = Image.fromarray(rng.integers(0, 256, (5, 7, 3), dtype=np.uint8))
        smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))
        noise = rng.integers(-30, 31, smooth.shape)
        return Image.fromarray((smooth.astype(int) + noise).clip(0, 255).astype(np.uint8))

    def add(name: str, image: Image.Image, expected: Image.Image, **options: object) -> None:
        image.save(folder / name, **options)
        found.append((folder / name, expected))

    for number, size in enumerate([(301, 224), (224, 333), (640, 427), (97, 61), (500, 500)]):
        add(f"plain{number}.png", image := grain(*size), image)
    exif = Image.Exif()
    exif[0x0112] = 6
    upright = (turned := grain(201, 140)).transpose(Image.Transpose.ROTATE_270)
    add("exif.png", turned, upright, exif=exif)
    add("grey.png", grey := grain(140, 99).convert("L"), grey.convert("RGB"))
    clear = grain(150, 90)
    clear.putalpha(Image.fromarray(rng.integers(0, 256, (90, 150), dtype=np.uint8)))
    white = Image.new("RGBA", clear.size, "white")
    add("alpha.png", clear, Image.alpha_composite(white, clear).convert("RGB"))
    add("cmyk.tif", cmyk := grain(133, 88).convert("CMYK"), cmyk.convert("RGB"))
    deep = np.asarray(grain(120, 77).convert("L")).astype(np.uint16) * 257
    add(
        "deep.png",
        Image.fromarray(deep),
        Image.fromarray((deep // 257).astype(np.uint8)).convert("RGB"),
    )
    return found


def operators(path: Path) -> Counter[str]:
    """Return how often each operator stands in a graph."""
    import onnx

    return Counter(node.op_type for node in onnx.load(path).graph.node)
