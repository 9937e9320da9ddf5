"""How Sphinx makes the site: `make docs`, with warnings as errors. The pages are Markdown.

The source is the whole checkout, since the guide is among the resources of the program.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

project = "Nameplate"
author = "The Nameplate developers"
copyright = author  # noqa: A001 - Sphinx calls it that
root_doc = "docs/index"
include_patterns = [
    *("docs/*.md", "docs/adr/*.md", "docs/reference/*.md", "docs/design/*.md"),
    *("resources/guide/**.md", "models/starter/README.md", "tests/corpus/README.md"),
    *("CONTRIBUTING.md", "CHANGELOG.md", "changes/README.md"),
]
# Not gone through: wine's drive in `build` is the whole disk.
exclude_patterns = ["build", "dist", ".*"]
extensions = ["myst_parser"]
myst_heading_anchors = 4
html_theme = "furo"
html_title = "Nameplate"
html_favicon = "../resources/icons/nameplate.svg"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"light_css_variables": {"font-stack": "Inter, system-ui, sans-serif"}}
