"""Sphinx configuration: a strict build that needs no network, and pages that need neither network nor scripts for their formulas."""

import sys
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "Lakatos"
release = metadata.version("lakatos")
copyright = ""  # noqa: A001 - the name is Sphinx's
html_show_copyright = False

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "clidoc", "mathml"]
source_suffix = {".md": "markdown"}
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
nitpicky = False
suppress_warnings: list[str] = []

html_theme = "furo"
html_title = "Lakatos"
smartquotes = False
html_math_renderer = "mathml"
html_show_sphinx = False
html_copy_source = False

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_param = False
python_use_unqualified_type_names = True
maximum_signature_line_length = 100
