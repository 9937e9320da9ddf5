"""The real program downloads from a real server, and is killed, stopped and cut off."""

import os
import signal
import subprocess
import sys

import pytest

from hub_server import Fault
from nameplate.features.models.store import installed_model
from nameplate.storage.folders import models_folder
from tiny_model import build_tiny_model

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(os.name != "posix", reason="needs what only Unix has"),
]

GET = (sys.executable, "-m", "nameplate", "models", "get", "slow")


@pytest.fixture(scope="module")
def far(tmp_path_factory):
    """A model whose text encoder takes a while to come."""
    words = [f"word{n}" for n in range(20_000)]
    return build_tiny_model(tmp_path_factory.mktemp("far") / "far", words=words)


@pytest.fixture
def hub(hub, offer, far):
    offer(far, "slow", "someone/slow")
    return hub


def bytes_of(name):
    found = list(models_folder().glob(f".getting-slow/*/{name}"))
    return found[0].stat().st_size if found else 0


def begun(hub, least=200_000):
    """Start the program and wait until the text encoder has come in part, and then no more."""
    hub.faults.append(Fault("text.onnx", after=least, stalls=True))
    process = subprocess.Popen(GET, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while bytes_of("text.onnx") < least:
        assert process.poll() is None, process.communicate()
        hub.closing.wait(0.02)
    return process


def finish(hub, **more):
    done = subprocess.run(GET, capture_output=True, timeout=120, check=False, text=True, **more)
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.hostile
def test_after_a_kill_in_mid_download_each_byte_is_still_fetched_once(hub):
    process = begun(hub)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert installed_model("slow") is None

    done = finish(hub)
    assert done.returncode == 0, done.stderr
    sizes = {name: len(content) for name, content in hub.files("someone/slow").items()}
    assert hub.sent == sizes
    assert hub.starts["text.onnx"] == [0, 200_000]
    check = [*GET[:3], "models", "check", "slow"]
    assert subprocess.run(check, check=False, capture_output=True).returncode == 0


def test_ctrl_c_stops_at_a_silent_server_and_keeps_what_came(hub):
    process = begun(hub)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"what has arrived is kept" in err
    assert b"Traceback" not in err
    assert bytes_of("text.onnx") == 200_000
    assert finish(hub).returncode == 0
    assert hub.starts["text.onnx"] == [0, 200_000]


def test_a_disk_that_fills_up_is_said_and_what_came_is_kept(hub):
    resource = pytest.importorskip("resource", reason="POSIX limits the size of files")

    def small_disk():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))

    done = finish(hub, preexec_fn=small_disk)
    assert done.returncode == 2
    assert "disk full" in done.stderr
    assert 0 < bytes_of("text.onnx") <= 150_000
    assert finish(hub).returncode == 0


def test_nothing_that_could_reach_a_network_is_loaded_before_a_download_is_asked_for(tiny_model):
    code = (
        "import sys; from nameplate.cli.main import run; import nameplate.ui.app;"
        "run(['models', 'list']); run(['models', 'show', 'clip-b32']); run(['doctor']);"
        "print(sorted({m.partition('.')[0] for m in sys.modules}"
        " & {'huggingface_hub', 'httpx2', 'httpcore2', 'requests', 'urllib3', 'hf_xet'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr
