"""The site of ``make docs``: Sphinx with MyST and furo; pages as :mod:`build` has staged them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "site"))

from prose import restructured

import lunar_antenna

project = "lunar-antenna"
author = "the authors of lunar-antenna"
version = release = lunar_antenna.__version__
html_title = f"lunar-antenna {version}"
html_theme = "furo"
html_theme_options = {"source_repository": "", "navigation_with_keys": True}
html_static_path = ["site/static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
smartquotes = False  # an option begins with two dashes
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx_copybutton", "mathml"]
html_math_renderer = "mathml"
exclude_patterns = ["site", "figures"]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb", ".rst": "restructuredtext"}
nb_execution_mode = "off"  # the notebooks hold their outputs; the test of the notebooks runs them
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # notebooks may begin below their first heading
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
maximum_signature_line_length = 80
copybutton_exclude = ".linenos, .gp, .go"
highlight_language = "text"
toc_object_entries = False


def _plain(app, what, name, obj, options, lines):
    """Docstrings are prose and drawings, not reStructuredText."""
    del app, what, name, obj, options
    lines[:] = restructured("\n".join(lines))


def _short(app, what, name, obj, options, signature, returned):
    """Types by their own name, not by where they are defined."""
    del app, what, name, obj, options
    if signature is None:
        return None
    short = re.sub(r"~?\b(?:[a-zA-Z_]\w*\.)+([A-Z]\w*)", r"\1", signature.replace("~", ""))
    return short, returned


def setup(app):
    app.connect("autodoc-process-docstring", _plain)
    app.connect("autodoc-process-signature", _short)
