import importlib.metadata
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from nameplate.domain.errors import ModelError, UsageError
from nameplate.inference import providers, runtime
from nameplate.inference.providers import as_device_name, report, require_one_runtime, resolve

CUDA_BUILD = ["CUDAExecutionProvider", "CPUExecutionProvider"]
CPU_BUILD = ["AzureExecutionProvider", "CPUExecutionProvider"]


@pytest.fixture
def build(monkeypatch, tmp_path):
    """Pretends that onnxruntime was built with the given providers."""

    def pretend(offered):
        fake = SimpleNamespace(
            get_available_providers=lambda: offered, __file__=str(tmp_path / "__init__.py")
        )
        monkeypatch.setattr(providers, "load_runtime", lambda: fake)
        return fake

    return pretend


@pytest.fixture
def wheels(monkeypatch):
    """Pretends that only the given wheels are installed."""

    def pretend(*names):
        def distribution(name):
            if name not in names:
                raise importlib.metadata.PackageNotFoundError(name)

        monkeypatch.setattr(importlib.metadata, "distribution", distribution)

    return pretend


def test_one_wheel_is_fine():
    assert require_one_runtime() is None


def test_no_wheel_gets_the_command_to_install_one(wheels):
    wheels()

    with pytest.raises(ModelError, match="is not installed") as caught:
        require_one_runtime()

    assert 'pip install "nameplate[cpu]"' in caught.value.remedy
    assert 'pip install "nameplate[cuda]"' in caught.value.remedy


def test_two_wheels_get_the_commands_to_keep_one(wheels):
    wheels("onnxruntime", "onnxruntime-gpu")

    with pytest.raises(ModelError, match="onnxruntime and onnxruntime-gpu are installed") as caught:
        require_one_runtime()

    assert "pip uninstall onnxruntime onnxruntime-gpu" in caught.value.remedy


def test_a_frozen_program_needs_no_wheel(wheels, monkeypatch):
    wheels()
    monkeypatch.setattr(runtime.sys, "frozen", True, raising=False)

    assert require_one_runtime() is None


def test_a_wheel_that_does_not_load_is_a_model_error(monkeypatch):
    monkeypatch.setitem(runtime.sys.modules, "onnxruntime", None)

    with pytest.raises(ModelError, match="cannot be loaded"):
        require_one_runtime()


def test_the_cpu_is_asked_for_alone(build):
    build(CUDA_BUILD)

    assert resolve("cpu") == ["CPUExecutionProvider"]


def test_auto_takes_the_cpu_where_the_build_has_no_cuda_and_says_so(build):
    build(CPU_BUILD)

    assert resolve("auto") == ["CPUExecutionProvider"]
    truth = report("auto", ["CPUExecutionProvider"])
    assert (truth.requested, truth.device) == ("auto", "cpu")
    assert truth.note == "the installed onnxruntime is a build without CUDA"
    assert truth.offered == tuple(CPU_BUILD)


def test_cuda_on_a_cpu_build_names_the_wheel_to_install(build):
    build(CPU_BUILD)

    with pytest.raises(ModelError, match="a build without CUDA") as caught:
        resolve("cuda")

    assert 'pip install "nameplate[cuda]"' in caught.value.remedy
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_cuda_is_asked_for_first_with_our_options(build, device, capsys):
    fake = build(CUDA_BUILD)
    fake.preload_dlls = lambda: sys.stdout.write("Failed to load libcublas")

    (name, options), fallback = resolve(device)

    assert (name, fallback) == ("CUDAExecutionProvider", "CPUExecutionProvider")
    assert options["cudnn_conv_algo_search"] == "HEURISTIC"
    assert options["arena_extend_strategy"] == "kSameAsRequested"
    assert capsys.readouterr().out == ""


def test_cuda_that_runs_is_reported_as_it_is(build):
    build(CUDA_BUILD)

    truth = report("auto", CUDA_BUILD)

    assert (truth.device, truth.note) == ("cuda", "")
    assert truth.providers == tuple(CUDA_BUILD)


def test_cuda_that_fell_back_silently_is_not_called_cuda(build):
    build(CUDA_BUILD)

    truth = report("auto", ["CPUExecutionProvider"])

    assert truth.device == "cpu"
    assert "a library is missing" in truth.note
    assert "onnxruntime_providers_shared" in truth.note


def test_cuda_asked_for_and_fallen_back_is_an_error_with_the_reason(build):
    build(CUDA_BUILD)

    with pytest.raises(ModelError, match="did not start: a library is missing"):
        report("cuda", ["CPUExecutionProvider"])


def test_the_cpu_as_asked_for_needs_no_note(build):
    build(CUDA_BUILD)

    assert report("cpu", ["CPUExecutionProvider"]).note == ""


def test_an_unknown_device_is_a_wrong_usage():
    assert as_device_name("auto") == "auto"
    with pytest.raises(UsageError, match="there is no device “gpu”"):
        as_device_name("gpu")


def test_loading_the_runtime_sends_no_reports_and_writes_nothing_into_the_home(tmp_path):
    code = "from nameplate.inference.runtime import load_runtime; load_runtime().get_device()"
    env = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
    env.pop("ORT_DISABLE_TELEMETRY", None)
    subprocess.run(
        [sys.executable, "-c", code], env={**env, "HOME": str(tmp_path)}, check=True, timeout=60
    )
    assert list(tmp_path.rglob("*")) == []
