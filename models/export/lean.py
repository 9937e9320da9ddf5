"""Rewrites towers with the operators that onnxruntime runs fast; the results are the same.

PyTorch writes attention as a dozen small operators, most of which only move numbers about. What is
here is in force while a graph is written; the model that the graph is compared with stays as it is.
"""

import copy
import itertools
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

FUSED_ATTENTION = "com.microsoft::MultiHeadAttention"
"""onnxruntime's own: https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md.
ONNX has an `Attention` since opset 23, which onnxruntime 1.22 does not load."""

PICTURE_CHANNELS = 3


def lean(tower: nn.Module) -> nn.Module:
    """Return a copy of `tower` that shares its weights, with layers that make shorter graphs.

    A tower that holds none of the layers that are replaced here comes back as it was.
    """
    shared = {id(p): p for p in itertools.chain(tower.parameters(), tower.buffers())}
    copied = copy.deepcopy(tower, shared)
    for parent in list(copied.modules()):
        if _looks_at_one_token(parent):
            blocks: Any = parent.transformer.resblocks
            blocks[-1] = ClassToken(blocks[-1])
        for name, layer in parent.named_children():
            if isinstance(layer, nn.MultiheadAttention) and _is_plain(layer):
                setattr(parent, name, Attention(layer))
            elif isinstance(layer, nn.Conv2d) and _cuts_patches(layer):
                setattr(parent, name, Patches(layer))
    return copied.eval()


class Attention(nn.Module):
    """`nn.MultiheadAttention` with a matrix for each of queries, keys and values.

    The original multiplies with one matrix, splits the product and brings the sequence to the
    front; the copies take longer than three products do.
    """

    def __init__(self, original: nn.MultiheadAttention) -> None:
        super().__init__()
        self.heads = original.num_heads
        weights, biases = original.in_proj_weight.chunk(3), original.in_proj_bias.chunk(3)
        self.inputs = nn.ModuleList(map(_linear, weights, biases))
        self.output = original.out_proj

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None, **_: Any
    ) -> tuple[Tensor, None]:
        """Return B x S x width, and no weights of attention: no tower looks at them."""
        rows = zip(self.inputs, (query, key, value), strict=True)
        heads = [to(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for to, x in rows]
        found = functional.scaled_dot_product_attention(*heads, attn_mask=attn_mask)
        return self.output(found.transpose(1, 2).flatten(2)), None


class ClassToken(nn.Module):
    """The last block of open_clip's towers, of which the tower looks at the class token alone.

    Of the other tokens only keys and values are made, 2 of 12 products of width x width: that
    spares 7 in 100 of a ViT-B/32 and of a ViT-B/16, 3.5 of a ViT-L/14.
    """

    def __init__(self, original: nn.Module) -> None:
        super().__init__()
        self.block: Any = original

    def forward(self, x: Tensor, attn_mask: Tensor | None = None) -> Tensor:
        """Return B x 1 x width of B x S x width."""
        block, token, seen = self.block, x[:, :1], self.block.ln_1(x)
        if attn_mask is not None:
            raise ValueError("a tower of pictures with a mask")
        token = token + block.ls_1(block.attn(seen[:, :1], seen, seen, need_weights=False)[0])
        return token + block.ls_2(block.mlp(block.ln_2(token)))


class Patches(nn.Module):
    """A convolution whose patches touch and do not overlap, as the matrix product that it is.

    So it can be quantised like the others. `smaller` knows it by being the first product.
    """

    def __init__(self, original: nn.Conv2d) -> None:
        super().__init__()
        self.sides = original.kernel_size
        self.weight = nn.Parameter(original.weight.detach().flatten(1).T)
        self.bias = original.bias

    def forward(self, x: Tensor) -> Tensor:
        """Return B x width x rows x columns."""
        high, wide = self.sides
        rows, columns = x.shape[2] // high, x.shape[3] // wide
        whole = x[:, :, : rows * high, : columns * wide]
        cut = whole.reshape(-1, PICTURE_CHANNELS, rows, high, columns, wide)
        patches = cut.permute(0, 2, 4, 1, 3, 5).reshape(-1, rows * columns, len(self.weight))
        found = patches @ self.weight
        if self.bias is not None:
            found = found + self.bias
        return found.transpose(1, 2).unflatten(2, (rows, columns))


class FusedOperators(TorchFunctionMode):
    """While entered, attention is written as one operator, and a layer with its bias as another."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call what stands for `func` here, or `func`."""
        stand_in = STAND_INS.get(func, func)
        return stand_in(*args, **(kwargs or {}))


def _attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    **options: Any,
) -> Tensor:
    """Stand for `scaled_dot_product_attention` of B x heads x S x width.

    The operator takes B x S x (heads x width); these transposes and those around the call cancel.
    """
    scale, grouped = options.get("scale"), options.get("enable_gqa", False)
    if query.ndim != 4 or grouped or dropout_p or (is_causal and query.shape[2] != key.shape[2]):
        return functional.scaled_dot_product_attention(
            query, key, value, attn_mask, dropout_p, is_causal, **options
        )
    heads, depth = query.shape[1], query.shape[3]
    inputs = [x.transpose(1, 2).flatten(2) for x in (query, key, value)]
    masks = () if attn_mask is None else (None, None, _bias(attn_mask, query, key))
    found = torch.onnx.ops.symbolic(
        FUSED_ATTENTION,
        (*inputs, *masks),
        {
            "num_heads": heads,
            "scale": depth**-0.5 if scale is None else scale,
            "unidirectional": int(is_causal),
        },
        dtype=query.dtype,
        shape=(*inputs[0].shape[:2], inputs[2].shape[2]),
        version=1,
    )
    return found.unflatten(-1, (heads, -1)).transpose(1, 2)


def _bias(mask: Tensor, query: Tensor, key: Tensor) -> Tensor:
    """Return what is added to scores, 1 or B x 1 or heads x S x S, for a mask of torch."""
    if mask.dtype == torch.bool:
        mask = torch.zeros_like(mask, dtype=query.dtype).masked_fill(~mask, -torch.inf)
    mask = mask.reshape((1,) * (4 - mask.ndim) + tuple(mask.shape))
    return mask.expand(-1, -1, query.shape[2], key.shape[2])


def _layer(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Stand for `linear`: of two dimensions it is one operator, of more a product and a sum."""
    if x.ndim != 3 or bias is None:
        return functional.linear(x, weight, bias)
    return functional.linear(x.flatten(0, 1), weight, bias).reshape(-1, x.shape[1], len(weight))


STAND_INS = {functional.scaled_dot_product_attention: _attention, functional.linear: _layer}


def _is_plain(layer: nn.MultiheadAttention) -> bool:
    is_packed = layer.in_proj_weight is not None and layer.in_proj_bias is not None
    return layer.batch_first and is_packed and layer.bias_k is None and not layer.add_zero_attn


def _looks_at_one_token(part: Any) -> bool:
    """Return whether `part` is a tower of open_clip whose last block `ClassToken` can replace."""
    library: Any = sys.modules.get("open_clip.transformer")  # else the tower is not its own
    if library is None or not isinstance(part, library.VisionTransformer):
        return False
    is_one = part.pool_type == "tok" and part.attn_pool is None and not part.output_tokens
    stack = part.transformer
    # This kind alone: the others that open_clip has compute in another order.
    is_usual = type(stack.resblocks[-1]) is library.ResidualAttentionBlock
    return is_one and stack.batch_first and is_usual


def _cuts_patches(layer: nn.Conv2d) -> bool:
    is_whole = layer.groups == 1 and layer.padding in ((0, 0), "valid")
    return is_whole and layer.in_channels == PICTURE_CHANNELS and layer.kernel_size == layer.stride


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    """Return a layer that uses `weight` and `bias` as they are."""
    layer = nn.Linear(weight.shape[1], weight.shape[0], device="meta")
    layer.weight, layer.bias = nn.Parameter(weight.detach()), nn.Parameter(bias.detach())
    return layer
