"""What goes into a bundle and what stays out: the lists that each kind of package takes."""

from pathlib import PurePath
from typing import Final

# Their metadata holds the version that `doctor` prints, and the licence texts.
DISTRIBUTIONS: Final = [
    "PySide6_Essentials",
    "filelock",
    "httpx2",
    "huggingface_hub",
    "numpy",
    "onnxruntime",
    "pi-heif-decoder",
    "pillow",
    "platformdirs",
    "psutil",
    "shiboken6",
    "tokenizers",
    "tomlkit",
]

# What other packages import if it happens to be there, and what the runtime brings for developers.
EXCLUDED: Final = [
    "IPython",
    "PIL.ImageTk",
    "PIL.ImageQt",
    "PySide6.QtDBus",  # the Python side only; Qt itself keeps its library
    "PySide6.QtNetwork",
    "PySide6.QtOpenGL",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "_gdbm",  # the library is under the GPL, as is readline's; nothing here uses them
    "cpuinfo",
    "daft",  # with pyarrow and ray: extras, which are there where tests are run
    "hf_xet",  # another way to download, which features/models does not take
    "hypothesis",
    "matplotlib",
    "numpy.f2py",
    "onnx",
    "onnxruntime.backend",
    "onnxruntime.datasets",
    "onnxruntime.quantization",
    "onnxruntime.tools",
    "onnxruntime.transformers",
    "py3nvml",
    "pyarrow",
    "pytest",
    "ray",
    "readline",
    "scipy",
    "setuptools",
    "sympy",
    "tkinter",
    "torch",
]

LEFT_TO_LINUX: Final = {"libexpat.so.1", "libgcc_s.so.1", "libstdc++.so.6"}
"""Libraries that each desktop has and that its graphics drivers load as well: those of an older
building system would be too old for these, and they alone would need glibc 2.36."""

PLUGIN_FOLDERS: Final = {
    "platforminputcontexts",
    "wayland-decoration-client",
    "wayland-graphics-integration-client",
    "wayland-shell-integration",
    "xcbglintegrations",
}
PLUGINS: Final = {
    "qcocoa",
    "qminimal",
    "qoffscreen",
    "qsvg",
    "qsvgicon",
    "qwayland",
    "qwindows",
    "qxcb",
    "qxdgdesktopportal",
}


def is_wanted_plugin(file: str, folder: str) -> bool:
    """Whether the plugin `file` of Qt, meant for `folder` of a bundle, is used."""
    name = PurePath(file).stem.removeprefix("lib")
    if name == "qtvirtualkeyboardplugin":  # for touch screens; its library is under the GPL
        return False
    return PurePath(folder).name in PLUGIN_FOLDERS or name in PLUGINS
