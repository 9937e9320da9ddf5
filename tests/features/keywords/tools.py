"""Pictures with all kinds of metadata, and programs that stand in for ExifTool."""

import io
import shutil
import signal
import stat
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from nameplate.features.exchange.formats.xmp_packet import EMPTY, with_labels

PACKET = b"http://ns.adobe.com/xap/1.0/\0"
FURTHER = b"http://ns.adobe.com/xmp/extension/\0"

needs_exiftool = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="ExifTool isn't installed"
)
needs_scripts = pytest.mark.skipif(
    sys.platform == "win32", reason="a script cannot stand in for a program"
)


def segment(kind: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, kind, len(body) + 2) + body


def jpeg(*segments: bytes, colour="red", first: bytes = b"", **options) -> bytes:
    """Return a JPEG file with further segments behind its first one."""
    stream = io.BytesIO()
    image = Image.new("RGB", (48, 32), colour)
    image.putpixel((3, 5), (9, 9, 9))
    image.save(stream, "JPEG", **options)
    content = stream.getvalue()
    end = 4 + struct.unpack(">H", content[4:6])[0]  # of JFIF's own
    return content[:2] + first + content[2:end] + b"".join(segments) + content[end:]


def packet(*labels: str, more: str = "") -> bytes:
    found = with_labels(EMPTY, labels, "accepted")
    return found.replace(b"</rdf:RDF>", more.encode() + b"</rdf:RDF>")


def packet_of_others(subject: str, more: str = "") -> bytes:
    """Return a packet that another program might write."""
    return f"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:q="urn:q" q:rating="5">
<dc:subject><rdf:Bag><rdf:li>{subject}</rdf:li></rdf:Bag></dc:subject>{more}
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>""".encode()


def xmp(content: bytes) -> bytes:
    return segment(0xE1, PACKET + content)


SCRIPT = """#!{python} -I
import os, pathlib, shutil, struct, sys, time
KIND = {kind!r}
if "-ver" in sys.argv:
    print("asked", file=open({asked!r}, "a"))
    while KIND == "slow" and not os.path.exists({go!r}):
        time.sleep(0.02)
    print("99.9" if KIND != "old" else "11.88")
    sys.exit()
if KIND == "hangs":
    print("begun", file=open({begun!r}, "w"))
    time.sleep(60)
if KIND == "fails":
    sys.exit("Error: no such luck")
for number, copy in enumerate(sorted(pathlib.Path(".").glob("*.jpg"))):
    content, packet = copy.read_bytes(), copy.with_suffix(".xmp").read_bytes()
    if KIND == "refuses" and number == 0:
        print(f"Error: Not a picture of mine - ./{{copy.name}}", file=sys.stderr)
        continue
    if KIND == "dies" and number == 1:
        os.kill(os.getpid(), 9)
    body = b"http://ns.adobe.com/xap/1.0/\\0" + packet
    at, found = 2, []
    while content[at + 1] != 0xDA:
        end = at + 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
        if not content[at + 4 : end].startswith(b"http://ns.adobe.com/xap/1.0/"):
            found.append(content[at:end])
        at = end
    pixels = content[at:]
    if KIND == "pixels":
        middle = len(pixels) // 2
        pixels = pixels[:middle] + bytes([pixels[middle] ^ 16]) + pixels[middle + 1 :]
    if KIND == "metadata":
        found.append(struct.pack(">BBH", 0xFF, 0xFE, 7) + b"mine!")
    if KIND == "keywords":
        body = body.replace(b"<rdf:li>", b"<rdf:li>not ")
    place = 0 if KIND == "first" else 1
    found.insert(place, struct.pack(">BBH", 0xFF, 0xE1, len(body) + 2) + body)
    made = content[:2] + b"".join(found) + pixels
    if KIND == "half":
        made = made[: len(made) // 2]
    if KIND == "garbage":
        made = b"garbage"
    pathlib.Path("written", copy.name).write_bytes(made)
sys.exit(KIND == "refuses")
"""


def stand_in(folder: Path, kind: str = "works") -> Path:
    """Return a program that does what ExifTool does, or does it wrongly."""
    program = folder / "exiftool"
    folder.mkdir(exist_ok=True)
    files = {name: str(folder / name) for name in ("begun", "asked", "go")}
    program.write_text(SCRIPT.format(python=sys.executable, kind=kind, **files))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


KILLED = """
import os, signal, sys
from nameplate.cli.main import run
left = [int(sys.argv.pop(1))]
def counted(name):
    act = getattr(os, name)
    def call(*arguments, **named):
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return act(*arguments, **named)
    setattr(os, name, call)
for name in ("fsync", "replace", "rename", "utime", "unlink"):
    counted(name)
sys.exit(run(sys.argv[1:]))
"""


def killed_after(project, steps, *arguments):
    """Let a process do so many things to files, and kill it; return whether it was killed."""
    command = [sys.executable, "-c", KILLED, str(steps), "write-keywords", str(project), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, timeout=60)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
    return done.returncode != 0
