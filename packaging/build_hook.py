"""Compiles the translations before Nameplate is installed or its wheel is built, for Hatch."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))
from compile_translations import compile_all


class Translations(BuildHookInterface):
    """Compiles the translations."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile them; called before the files of the wheel are collected."""
        compile_all(Path(self.root))
