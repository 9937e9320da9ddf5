import numpy as np
import pytest
from PIL import Image

from nameplate.domain.errors import ModelError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.features.models.change_cost import cost_of_change
from nameplate.inference.model import load_model
from nameplate.pipeline.reading.embedding import embed_with_cache
from nameplate.storage.speeds import record_speed
from tiny_model import DESCRIBED, build_tiny_model


@pytest.fixture
def paths(coloured):
    return sorted(path for path in coloured.rglob("*") if path.is_file())


def cost(folder, paths, *, use_cache=True, device="cpu"):
    return cost_of_change(folder, paths, device=device, use_cache=use_cache, cancel=CancelToken())


def read(folder, paths):
    model = load_model(folder, device="cpu")
    rows = range(len(paths))
    return list(embed_with_cache(rows, paths, model, use_cache=True, cancel=CancelToken()))


def descriptors_in(events):
    """Return the descriptors in the order of the rows."""
    order = np.argsort(np.concatenate([event.rows for event in events]))
    return np.concatenate([event.descriptors for event in events])[order]


@pytest.mark.parametrize(
    ("known", "use_cache", "to_read"), [(0, True, 6), (4, True, 2), (4, False, 6)]
)
def test_what_the_model_has_read_before_costs_nothing(tiny_model, paths, known, use_cache, to_read):
    read(tiny_model, paths[:known])
    found = cost(tiny_model, paths, use_cache=use_cache)
    assert (found.to_read, found.total) == (to_read, 6)


def test_counting_keeps_the_descriptors_that_are_known(tmp_path, paths):
    model = build_tiny_model(tmp_path / "m", descriptors=DESCRIBED)
    first = descriptors_in(read(model, paths))
    assert cost(model, paths).to_read == 0
    np.testing.assert_array_equal(descriptors_in(read(model, paths)), first)


def test_a_picture_that_was_changed_since_has_to_be_read_again(tiny_model, paths):
    read(tiny_model, paths)
    Image.new("RGB", (30, 30), "white").save(paths[0])
    assert cost(tiny_model, paths).to_read == 1


def test_the_time_comes_from_what_was_measured_with_that_model_on_that_device(tiny_model, paths):
    assert cost(tiny_model, paths).seconds is None
    record_speed("tiny", "cpu", images=100, seconds=50)
    assert cost(tiny_model, paths).seconds == pytest.approx(3)
    assert cost(tiny_model, paths, device="cuda").seconds is None


def test_a_folder_that_is_no_model_is_an_error(tmp_path, paths):
    with pytest.raises(ModelError):
        cost(tmp_path, paths)


def test_counting_can_be_stopped(tiny_model, paths):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        cost_of_change(tiny_model, paths, device="cpu", use_cache=True, cancel=cancel)
