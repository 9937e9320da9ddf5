"""What the exporter makes of attention and patches: fewer operators, the same numbers."""

import importlib.util

import numpy as np
import pytest

from parity.parity_help import operators

pytestmark = [
    pytest.mark.parity,
    pytest.mark.filterwarnings("default"),
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs PyTorch"),
]

WIDTH, LENGTH = 24, 10


def tower(forward, **parts):
    """Return a module of `parts` that computes `forward(module, x)`."""
    import torch

    class Tower(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = torch.nn.ModuleDict(parts)

        def forward(self, x):
            return forward(self.model, x)

    torch.manual_seed(0)
    return Tower().eval()


def heads(x):
    return x.unflatten(-1, (4, -1)).transpose(1, 2)


def attend(**options):
    """Return a tower of one call of attention, of four heads."""
    from torch.nn.functional import scaled_dot_product_attention

    def forward(_, x):
        parts = heads(x), heads(x * 2), heads(x - 1)
        return scaled_dot_product_attention(*parts, **options).transpose(1, 2).flatten(2)

    return tower(forward)


def fewer_keys(_, x):
    from torch.nn.functional import scaled_dot_product_attention

    keys = heads(x[:, 3:])
    return scaled_dot_product_attention(heads(x), keys, keys, is_causal=True).flatten(1)


def cases():
    """Return towers, each with how many attentions become one operator."""
    import torch
    from torch import nn

    lower = torch.ones(LENGTH, LENGTH, dtype=torch.bool).tril()
    each = torch.randn(4, LENGTH, LENGTH, generator=torch.Generator().manual_seed(1))
    by_length = nn.MultiheadAttention(WIDTH, 4, batch_first=False)
    by_batch = nn.MultiheadAttention(WIDTH, 4, batch_first=True)
    return {
        "plain": (attend(), 1),
        "causal": (attend(is_causal=True), 1),
        "a mask of bools": (attend(attn_mask=lower), 1),
        "a mask for each head": (attend(attn_mask=each), 1),
        "a mask for each key": (attend(attn_mask=lower[4:5]), 1),
        "a scale of its own": (attend(scale=0.5), 1),
        "causal with fewer keys": (tower(fewer_keys), 0),
        "batch first": (tower(lambda m, x: m["a"](x, x * 2, x - 1)[0], a=by_batch), 1),
        "length first": (tower(lambda m, x: m["a"](x, x * 2, x - 1)[0], a=by_length), None),
    }


@pytest.mark.parametrize(
    "name",
    [
        "plain",
        "causal",
        "a mask of bools",
        "a mask for each head",
        "a mask for each key",
        "a scale of its own",
        "causal with fewer keys",
        "batch first",
        "length first",
    ],
)
def test_every_kind_of_attention_keeps_its_numbers(name, tmp_path):
    import torch

    module, fused = cases()[name]
    x = torch.randn(2, LENGTH, WIDTH)
    found = exported(module, x, tmp_path / "tower.onnx")
    assert fused in (None, operators(tmp_path / "tower.onnx")["MultiHeadAttention"])
    np.testing.assert_allclose(found, module(x).detach().numpy(), atol=2e-6)


@pytest.mark.parametrize("options", [{}, {"bias": False, "padding": "valid"}, {"padding": 2}])
def test_patches_keep_their_numbers_where_they_do_not_fill_the_picture(options, tmp_path):
    import torch

    module = tower(lambda m, x: m["a"](x), a=torch.nn.Conv2d(3, 8, 7, 7, **options))
    x = torch.randn(2, 3, 30, 38)
    found = exported(module, x, tmp_path / "tower.onnx")
    assert operators(tmp_path / "tower.onnx")["Conv"] == (
        "padding" in options and 2 in options.values()
    )
    np.testing.assert_allclose(found, module(x).detach().numpy(), atol=2e-6)


@pytest.mark.parametrize("bias", [True, False])
def test_int8_takes_the_product_of_the_pixels_too_with_weights_of_7_bits(bias, tmp_path):
    import onnx
    import torch
    from smaller import _to_int8

    module = tower(lambda m, x: m["a"](x), a=torch.nn.Conv2d(3, 32, 8, 8, bias=bias))
    exported(module, torch.randn(2, 3, 32, 32), tmp_path / "tower.onnx")
    _to_int8(tmp_path / "tower.onnx", tmp_path / "int8.onnx")
    assert not {"Conv", "MatMul", "Gemm"} & set(operators(tmp_path / "int8.onnx"))
    weights = onnx.load(tmp_path / "int8.onnx").graph.initializer
    small = [onnx.numpy_helper.to_array(w) for w in weights if w.data_type == onnx.TensorProto.INT8]
    assert max(np.abs(values.astype(int)).max() for values in small) == 64


@pytest.mark.parametrize(
    ("options", "is_short"),
    [
        ({}, True),
        ({"final_ln_after_pool": True, "ls_init_value": 0.1}, True),
        ({"pool_type": "avg"}, False),
        ({"output_tokens": True}, False),
        ({"attentional_pool": True}, False),
        ({"block_type": "custom"}, False),
    ],
)
def test_the_last_block_reads_the_class_token_alone_where_no_other_is_looked_at(options, is_short):
    import torch
    from lean import ClassToken, lean
    from open_clip.transformer import VisionTransformer

    torch.manual_seed(0)
    sizes = {"image_size": 32, "patch_size": 8, "width": WIDTH, "layers": 2, "heads": 4}
    original = VisionTransformer(mlp_ratio=4.0, output_dim=16, **sizes, **options).eval()
    copied = lean(original)
    assert any(isinstance(part, ClassToken) for part in copied.modules()) == is_short
    x = torch.randn(3, 3, 32, 32)
    with torch.inference_mode():
        wanted, found = original(x), copied(x)
    if options.get("output_tokens"):
        wanted, found = (
            torch.cat([*map(torch.flatten, wanted)]),
            torch.cat([*map(torch.flatten, found)]),
        )
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_a_lean_copy_shares_the_weights_and_leaves_the_original_alone():
    import torch
    from lean import lean

    layer = torch.nn.MultiheadAttention(WIDTH, 4, batch_first=True)
    original = tower(lambda m, x: m["a"](x, x, x)[0], a=layer)
    copied = lean(original)
    assert original.model["a"] is layer
    assert copied.model["a"] is not layer
    stored = layer.in_proj_weight.untyped_storage().data_ptr()
    assert copied.model["a"].inputs[1].weight.untyped_storage().data_ptr() == stored


def exported(module, x, path):
    """Return what onnxruntime makes of `x` with the exported `module`."""
    import onnxruntime
    from towers import _write

    _write(module, x, path, ("x", "y"))
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x.numpy()})[0]
