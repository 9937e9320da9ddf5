import tracemalloc

import numpy as np
import pytest

from nameplate.domain.errors import ModelError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.inference.encoders import LENGTHS_BLOCK, TEXT_BATCH, ImageEncoder, TextEncoder
from nameplate.inference.manifest import read_manifest
from nameplate.inference.runtime.session import AllocationError, OnnxSession, TensorInfo
from nameplate.inference.specs import ImageSpec
from nameplate.inference.tokenizer import Tokenizer
from nameplate.wording.texts import remedy_of
from tiny_model import build_tiny_model

SPEC = ImageSpec("image.onnx", 8, "squash", False, "bicubic", (0, 0, 0), (1, 1, 1))
PIXELS = TensorInfo("pixel_values", "float32", (None, 3, 8, 8))
EMBEDS = TensorInfo("image_embeds", "float32", (None, 4))


class FakeSession:
    """A Session whose first row of outputs is the mean of each input row, and which can fail."""

    def __init__(
        self, inputs=(PIXELS,), outputs=(EMBEDS,), providers=("CPUExecutionProvider",), change=None
    ):
        self.name = "fake.onnx"
        self.inputs, self.outputs, self.providers = inputs, outputs, providers
        self.batches = []
        self._change = change or (lambda rows: rows)

    def run(self, feeds, output_names=None, cancel=None):
        x = next(iter(feeds.values()))
        self.batches.append(len(x))
        means = x.reshape(len(x), -1).mean(axis=1).astype(np.float32)
        rows = np.stack([means, 1 - means, means * 0 + 1, means * 0], axis=1)
        return dict.fromkeys(output_names, self._change(rows))


def batch(count, size=8):
    return np.random.default_rng(0).random((count, 3, size, size), dtype=np.float32)


def text_encoder(folder):
    manifest = read_manifest(folder)
    tokenizer = Tokenizer(folder / "tokenizer.json", manifest.text)
    session = OnnxSession(folder / "text.onnx", threads=1)
    return TextEncoder(session, manifest.text, tokenizer, manifest.embedding_size)


def image_encoder(folder):
    manifest = read_manifest(folder)
    session = OnnxSession(folder / "image.onnx", threads=1)
    return ImageEncoder(session, manifest.image, manifest.embedding_size)


# --- images ---------------------------------------------------------------------------------


def test_embeddings_are_unit_rows_of_float32():
    vectors = ImageEncoder(FakeSession(), SPEC, 4).encode(batch(5))

    assert vectors.dtype == np.float32
    assert vectors.shape == (5, 4)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-6)


def test_no_pictures_give_no_embeddings():
    assert ImageEncoder(FakeSession(), SPEC, 4).encode(batch(0)).shape == (0, 4)


@pytest.mark.parametrize(
    "options", [{}, {"fixed_batch": True}, {"image_dtype": "float16"}, {"size": 24, "dim": 8}]
)
def test_a_batch_gives_what_single_pictures_give(tmp_path, options):
    encoder = image_encoder(build_tiny_model(tmp_path, **options))
    pictures = batch(5, encoder.spec.size)

    together = encoder.encode(pictures)
    alone = np.concatenate([encoder.encode(pictures[i : i + 1]) for i in range(5)])

    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert encoder.fixed_batch == (1 if "fixed_batch" in options else None)


def test_a_graph_of_a_fixed_batch_is_looped_and_the_rest_filled_up():
    fixed = FakeSession(inputs=(TensorInfo("x", "float32", (4, 3, 8, 8)),))
    pictures = batch(6)

    vectors = ImageEncoder(fixed, SPEC, 4).encode(pictures)

    assert fixed.batches == [4, 4]
    np.testing.assert_array_equal(vectors, ImageEncoder(FakeSession(), SPEC, 4).encode(pictures))


def test_a_short_batch_is_filled_up_on_a_gpu_only():
    for providers, sizes in (
        (("CUDAExecutionProvider", "CPUExecutionProvider"), [5, 5]),
        (("CPUExecutionProvider",), [5, 2]),
    ):
        session = FakeSession(providers=providers)
        encoder = ImageEncoder(session, SPEC, 4)
        assert len(encoder.encode(batch(5))) == 5
        assert len(encoder.encode(batch(2))) == 2
        assert session.batches == sizes


class SmallCard(FakeSession):
    """A card whose memory takes at most `most` rows."""

    def __init__(self, most, **options):
        super().__init__(providers=("CUDAExecutionProvider", "CPUExecutionProvider"), **options)
        self._most = most

    def run(self, feeds, output_names=None, cancel=None):
        if len(next(iter(feeds.values()))) > self._most:
            raise AllocationError("model-needs-memory")
        return super().run(feeds, output_names)


def test_a_batch_that_does_not_fit_into_memory_is_halved_until_it_does():
    pictures = batch(11)
    session = SmallCard(most=3)
    encoder = ImageEncoder(session, SPEC, 4)

    vectors = encoder.encode(pictures)

    np.testing.assert_array_equal(vectors, ImageEncoder(FakeSession(), SPEC, 4).encode(pictures))
    assert encoder.largest_batch == 2
    assert set(session.batches) == {2}
    assert len(encoder.encode(pictures)) == 11  # and is not tried again
    assert set(session.batches) == {2}


def test_one_picture_that_does_not_fit_into_memory_is_an_error():
    with pytest.raises(AllocationError):
        ImageEncoder(SmallCard(most=0), SPEC, 4).encode(batch(4))


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0, 1e30])
def test_a_picture_without_a_finite_vector_is_nan_and_the_others_are_not(bad):
    def spoil(rows):
        rows[1] = bad
        return rows

    vectors = ImageEncoder(FakeSession(change=spoil), SPEC, 4).encode(batch(3))

    assert np.isnan(vectors[1]).all()
    assert np.isfinite(vectors[[0, 2]]).all()


def test_nothing_finite_for_a_whole_batch_is_a_broken_model():
    broken = FakeSession(change=lambda rows: rows * np.nan)
    encoder = ImageEncoder(broken, SPEC, 4)

    with pytest.raises(ModelError, match="no-finite-vectors") as caught:
        encoder.encode(batch(3))

    assert caught.value.where == "fake.onnx"
    assert np.isnan(encoder.encode(batch(1))).all()


@pytest.mark.parametrize("change", [lambda rows: rows[:, :3], lambda rows: rows[:1]])
def test_an_output_of_another_shape_is_refused(change):
    encoder = ImageEncoder(FakeSession(change=change), SPEC, 4)

    with pytest.raises(ModelError, match="other-shape"):
        encoder.encode(batch(2))


def test_sizes_that_disagree_with_the_manifest_are_refused(tmp_path):
    folder = build_tiny_model(tmp_path)
    session = OnnxSession(folder / "image.onnx")

    with pytest.raises(ModelError, match="other-picture-size"):
        ImageEncoder(session, SPEC, 16)
    with pytest.raises(ModelError, match="length=16, expected=12"):
        ImageEncoder(session, read_manifest(folder).image, 12)


def test_swapped_files_are_refused(tmp_path):
    folder = build_tiny_model(tmp_path)
    manifest = read_manifest(folder)
    tokenizer = Tokenizer(folder / "tokenizer.json", manifest.text)

    with pytest.raises(ModelError, match="other-encoder") as caught:
        ImageEncoder(OnnxSession(folder / "text.onnx"), manifest.image, 16)
    assert "swapped" in remedy_of(caught.value.reason)
    with pytest.raises(ModelError, match="other-encoder"):
        TextEncoder(OnnxSession(folder / "image.onnx"), manifest.text, tokenizer, 16)


def test_the_output_is_chosen_by_name_among_several():
    other = TensorInfo("attention", "float32", (None, 9))
    pooled = TensorInfo("pooler_output", "float32", (None, 4))
    states = TensorInfo("last_hidden_state", "float32", (None, 50, 4))
    asked = []

    class Recorder(FakeSession):
        def run(self, feeds, output_names=None, cancel=None):
            asked.append(output_names)
            return super().run(feeds, output_names)

    for outputs in ((states, other, pooled, EMBEDS), (states, other, pooled), (states, EMBEDS)):
        ImageEncoder(Recorder(outputs=outputs), SPEC, 4).encode(batch(1))

    assert asked == [["image_embeds"], ["pooler_output"], ["image_embeds"]]
    with pytest.raises(ModelError, match="encoder-of-embeddings"):
        ImageEncoder(FakeSession(outputs=(states,)), SPEC, 4)


# --- texts ----------------------------------------------------------------------------------


def prompts(count):
    words = ("red", "green dog", "a photo of a blue cat", "white", "black and grey")
    return [f"{words[n % 5]} {'the ' * (n % 4)}{words[n % 3]}" for n in range(count)]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"fixed_batch": True},
        {"ids_dtype": "int32", "attention_mask": True},
        {"fixed_length": True, "padding": "max_length"},
        {"fixed_length": True},
    ],
)
def test_prompts_come_back_in_their_order_whatever_the_graph_takes(tmp_path, options):
    encoder = text_encoder(build_tiny_model(tmp_path, **options))
    many = prompts(TEXT_BATCH + 7)

    together = encoder.encode(many)
    alone = np.concatenate([encoder.encode([prompt]) for prompt in many])

    assert together.shape == (len(many), 16)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_no_prompts_give_no_embeddings(tmp_path):
    assert text_encoder(build_tiny_model(tmp_path)).encode([]).shape == (0, 16)


def test_a_set_cancel_token_ends_the_work(tmp_path):
    encoder, cancel = text_encoder(build_tiny_model(tmp_path)), CancelToken()
    assert len(encoder.encode(["red"], cancel)) == 1

    cancel.cancel()

    with pytest.raises(CancelledError):
        encoder.encode(["red"], cancel)


def test_the_wrong_tokenizer_is_a_model_error_and_no_crash(tmp_path):
    folder = build_tiny_model(tmp_path / "small")
    other = build_tiny_model(tmp_path / "large", words=[f"word{n}" for n in range(50)])
    manifest = read_manifest(folder)
    wrong = Tokenizer(other / "tokenizer.json", manifest.text)
    encoder = TextEncoder(OnnxSession(folder / "text.onnx"), manifest.text, wrong, 16)

    with pytest.raises(ModelError, match="model-could-not-run"):
        encoder.encode(["word49"])


def test_a_text_graph_shorter_than_the_context_is_refused(tmp_path):
    folder = build_tiny_model(tmp_path / "short", fixed_length=True, context_length=8)
    manifest = read_manifest(build_tiny_model(tmp_path / "long", context_length=16))
    tokenizer = Tokenizer(folder / "tokenizer.json", manifest.text)

    with pytest.raises(ModelError, match=r"fewer-tokens \(most=8, expected=16\)"):
        TextEncoder(OnnxSession(folder / "text.onnx"), manifest.text, tokenizer, 16)


def test_berts_segment_ids_are_fed_with_zeros(tmp_path):
    folder = build_tiny_model(tmp_path)
    manifest = read_manifest(folder)
    fed = {}

    class Bert(FakeSession):
        def run(self, feeds, output_names=None, cancel=None):
            fed.update(feeds)
            return super().run(feeds, output_names)

    names = ("input_ids", "attention_mask", "token_type_ids")
    inputs = tuple(TensorInfo(name, "int64", (None, None)) for name in names)
    session = Bert(inputs=inputs, outputs=(TensorInfo("text_embeds", "float32", (None, 4)),))
    tokenizer = Tokenizer(folder / "tokenizer.json", manifest.text)

    TextEncoder(session, manifest.text, tokenizer, 4).encode(["red", "a red dog"])

    assert set(fed) == set(names)
    assert fed["token_type_ids"].tolist() == np.zeros((2, 5), int).tolist()
    assert fed["attention_mask"].tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]


def test_many_prompts_are_tokenised_a_part_at_a_time_and_a_cancel_is_seen_between(tmp_path):
    encoder = text_encoder(build_tiny_model(tmp_path / "tiny"))
    cancel, sizes = CancelToken(), []
    lengths = encoder.tokenizer.lengths

    def counted(prompts):
        sizes.append(len(prompts))
        return lengths(prompts)

    encoder.tokenizer.lengths = counted
    encoder.encode(["red", "a dog"] * (LENGTHS_BLOCK // 2) + ["blue"], cancel)
    assert sizes == [LENGTHS_BLOCK, 1]
    cancel.cancel()
    with pytest.raises(CancelledError):
        encoder.encode(["red"], cancel)
    assert len(sizes) == 2


def test_one_prompt_of_megabytes_among_many_costs_no_more_than_its_batch(tmp_path):
    encoder = text_encoder(build_tiny_model(tmp_path / "tiny"))
    prompts = ["red"] * 1500 + ["x" * 400_000, "red " * 400_000]
    tracemalloc.start()
    try:
        vectors = encoder.encode(prompts)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert np.isfinite(vectors).all()
    assert most < 50_000_000
