"""The image tower of open_clip's ViT as a model of transformers, with the same weights."""

import torch
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

RENAMED = (
    ("conv1.weight", "embeddings.patch_embedding.weight"),
    ("class_embedding", "embeddings.class_embedding"),
    ("positional_embedding", "embeddings.position_embedding.weight"),
    ("ln_pre.", "pre_layrnorm."),
    ("ln_post.", "post_layernorm."),
    ("transformer.resblocks.", "encoder.layers."),
    (".ln_1.", ".layer_norm1."),
    (".ln_2.", ".layer_norm2."),
    (".attn.out_proj.", ".self_attn.out_proj."),
    (".mlp.c_fc.", ".mlp.fc1."),
    (".mlp.c_proj.", ".mlp.fc2."),
)
"""Parts of names, open_clip's and transformers'; each of the first has one of the second."""


def vision_model(tower: torch.nn.Module) -> CLIPVisionModelWithProjection:
    """Return transformers' model with the weights of `tower`, a ViT-B/32 with GELU.

    Raises:
        RuntimeError: A weight is missing or has another shape.
    """
    config = CLIPVisionConfig(
        hidden_size=768,
        intermediate_size=3072,
        num_hidden_layers=12,
        num_attention_heads=12,
        patch_size=32,
        projection_dim=512,
        hidden_act="gelu",
    )
    model = CLIPVisionModelWithProjection(config).eval()
    weights = dict[str, torch.Tensor]()
    for name, value in tower.state_dict().items():
        if name == "proj":
            weights["visual_projection.weight"] = value.T
        elif ".attn.in_proj_" in name:
            weights |= _split(name, value)
        else:
            weights["vision_model." + _renamed(name)] = value
    missing = model.load_state_dict(weights, strict=False)
    left = [name for name in missing.missing_keys if not name.endswith("position_ids")]
    if left or missing.unexpected_keys:
        raise RuntimeError(f"weights without a place: {left}, {missing.unexpected_keys}")
    return model


def _split(name: str, value: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return the three projections that open_clip keeps in one."""
    layer, kind = _renamed(name).split(".attn.in_proj_")
    parts = zip("qkv", value.chunk(3), strict=True)
    return {f"vision_model.{layer}.self_attn.{letter}_proj.{kind}": part for letter, part in parts}


def _renamed(name: str) -> str:
    for old, new in RENAMED:
        name = name.replace(old, new)
    return name
