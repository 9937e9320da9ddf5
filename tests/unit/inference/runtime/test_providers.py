import importlib.metadata
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from nameplate.domain.errors import ModelError, UsageError
from nameplate.inference.runtime import library, providers
from nameplate.inference.runtime.library import require_one_runtime
from nameplate.inference.runtime.providers import (
    as_device_name,
    candidate_devices,
    device_names,
    provider_entries,
    require_running,
    why_only_cpu,
)
from nameplate.wording.texts import remedy_of

CPU, COREML = "CPUExecutionProvider", "CoreMLExecutionProvider"
CUDA_BUILD = ["CUDAExecutionProvider", CPU]
CPU_BUILD = ["AzureExecutionProvider", CPU]


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


@pytest.mark.parametrize(
    ("names", "code", "commands"),
    [
        ((), "no-runtime", ('pip install "nameplate[cpu]"', 'pip install "nameplate[cuda]"')),
        (
            ("onnxruntime", "onnxruntime-gpu"),
            "several-runtimes",
            ("pip uninstall onnxruntime onnxruntime-gpu",),
        ),
    ],
)
def test_no_wheel_and_two_get_the_commands_that_leave_one(wheels, names, code, commands):
    wheels(*names)

    with pytest.raises(ModelError, match=code) as caught:
        require_one_runtime()

    assert all(command in remedy_of(caught.value.reason) for command in commands)


def test_a_frozen_program_needs_no_wheel(wheels, monkeypatch):
    wheels()
    monkeypatch.setattr(library.sys, "frozen", True, raising=False)

    assert require_one_runtime() is None


def test_a_wheel_that_does_not_load_is_a_model_error(monkeypatch):
    monkeypatch.setitem(library.sys.modules, "onnxruntime", None)

    with pytest.raises(ModelError, match="runtime-fails"):
        require_one_runtime()


def test_a_wheel_that_is_not_there_is_not_a_broken_one(wheels, monkeypatch):
    wheels()
    monkeypatch.setitem(library.sys.modules, "onnxruntime", None)

    with pytest.raises(ModelError, match="no-runtime"):
        library.load_runtime()


@pytest.fixture
def system(monkeypatch):
    """Pretends that the program runs on another system."""
    return lambda platform: monkeypatch.setattr(providers.sys, "platform", platform)


def test_the_cpu_is_asked_for_alone(build):
    build(CUDA_BUILD)

    assert candidate_devices("cpu") == ("cpu",)
    assert provider_entries("cpu") == ["CPUExecutionProvider"]


@pytest.mark.parametrize(
    ("platform", "offered", "tried", "lacking"),
    [
        ("linux", CPU_BUILD, ("cpu",), "CUDA"),
        ("linux", CUDA_BUILD, ("cuda", "cpu"), None),
        ("win32", ["DmlExecutionProvider", CPU], ("directml", "cpu"), "CUDA"),
        ("darwin", [COREML, CPU], ("cpu",), None),  # CoreML is for who asks for it
    ],
)
def test_auto_tries_what_the_build_has_and_says_what_it_lacks(
    build, system, platform, offered, tried, lacking
):
    system(platform)
    build(offered)

    assert candidate_devices("auto") == tried
    why = why_only_cpu()
    assert (why and why.parameters["name"]) == lacking
    assert not why or 'pip install "nameplate[cuda]"' in remedy_of(why)


def test_coreml_is_used_where_it_is_asked_for(build, system):
    system("darwin")
    build([COREML, CPU])

    assert candidate_devices("coreml") == ("coreml",)
    assert provider_entries("coreml") == [(COREML, {}), CPU]


def test_cuda_on_a_cpu_build_names_the_wheel_to_install(build, system):
    system("linux")
    build(CPU_BUILD)

    with pytest.raises(ModelError, match="device-not-in-build") as caught:
        candidate_devices("cuda")

    assert 'pip install "nameplate[cuda]"' in remedy_of(caught.value.reason)
    assert caught.value.exit_code == 3


def test_cuda_is_asked_for_first_with_our_options(build, capsys):
    fake = build(CUDA_BUILD)
    fake.preload_dlls = lambda: sys.stdout.write("Failed to load libcublas")

    (name, options), fallback = provider_entries("cuda")

    assert (name, fallback) == ("CUDAExecutionProvider", "CPUExecutionProvider")
    assert options["cudnn_conv_algo_search"] == "HEURISTIC"
    assert options["arena_extend_strategy"] == "kSameAsRequested"
    assert capsys.readouterr().out == ""


def test_a_device_that_runs_passes(build):
    build(CUDA_BUILD)

    require_running("cuda", CUDA_BUILD)
    require_running("cpu", ["CPUExecutionProvider"])


def test_cuda_that_fell_back_silently_is_found_out_with_the_reason(build):
    build(CUDA_BUILD)

    with pytest.raises(ModelError, match="device-did-not-start") as caught:
        require_running("cuda", ["CPUExecutionProvider"])

    assert "onnxruntime_providers_shared" in str(caught.value.reason)
    assert "nvidia-smi" in remedy_of(caught.value.reason)


def test_each_system_has_its_own_devices(system):
    for platform, names in (
        ("linux", ("auto", "cpu", "cuda")),
        ("win32", ("auto", "cpu", "cuda", "directml")),
        ("darwin", ("auto", "cpu", "coreml")),
    ):
        system(platform)
        assert device_names() == names


def test_an_unknown_device_is_a_wrong_usage():
    assert as_device_name("auto") == "auto"
    with pytest.raises(UsageError, match="no-such-device"):
        as_device_name("gpu")


def test_loading_the_runtime_sends_no_reports_and_writes_nothing_into_the_home(tmp_path):
    code = (
        "from nameplate.inference.runtime.library import load_runtime; load_runtime().get_device()"
    )
    env = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
    env.pop("ORT_DISABLE_TELEMETRY", None)
    subprocess.run(
        [sys.executable, "-c", code], env={**env, "HOME": str(tmp_path)}, check=True, timeout=60
    )
    assert list(tmp_path.rglob("*")) == []
