"""A stranger's project: packages of its own named as the suite's folders, and a src layout."""

from pathlib import Path

FILES = {
    "pyproject.toml": """
[tool.pytest.ini_options]
pythonpath = ["src", "."]
testpaths = ["tests"]
addopts = ["--strict-markers", "--strict-config", "--cov=strangers", "--cov-report=term"]
timeout = 900
filterwarnings = ["error"]
""",
    "harness/__init__.py": 'WHOSE = "the stranger\'s"\n',
    "harness/text.py": "WHOSE = 'hers'\n",
    "claims/__init__.py": "def insurance():\n    return 1\n",
    "claims/motor/__init__.py": "",
    "claims/motor/total.py": "raise AssertionError('nobody asked for it')\n",
    "reports/__init__.py": "",
    "conftest.py": """
import pytest

import claims
import harness.text
import reports

assert (harness.WHOSE, harness.text.WHOSE, claims.insurance()) == ("the stranger's", "hers", 1)


@pytest.fixture
def seed():
    return 3
""",
    "src/strangers/__init__.py": "",
    "src/strangers/layers.py": '''
"""A layer, and the layer as it was before it was mended."""

import numpy as np
from chapter_and_verse import adapter


def masked(h, p, rng, training=True):
    if not training or p == 0:
        return h
    return np.where(rng.random(h.shape) < p, 0, h / max(1 - p, 1e-9)).astype(h.dtype)


def unscaled(h, p, rng, training=True):
    return np.where(rng.random(h.shape) < p, 0, h).astype(h.dtype) if training else h


dropout = adapter("dropout", masked, arrays="numpy")
forgetful = adapter("dropout", unscaled, arrays="numpy")
''',
    "tests/test_ordinary.py": """
import harness


def test_her_own_package_is_her_own(seed):
    assert harness.WHOSE == "the stranger's"
""",
    "tests/test_judged.py": """
import pytest
from strangers.layers import dropout, forgetful


@pytest.mark.claims("do-eval", "do-unbiased.variance")
def test_my_dropout(judge):
    judge(dropout=dropout)


@pytest.mark.claims("do-unbiased.variance", roles="dropout")
@pytest.mark.xfail(strict=True, reason="the scale is forgotten")
def test_as_it_was(judge):
    judge(**{"dropout": forgetful})
""",
    "tests/test_stated.py": """
import numpy as np


def test_a_tenth_is_dropped(trial):
    trial.rate(lambda n, rng: rng.random(n) < 0.1, equals=0.1, within=0.02)
    trial.more_often(lambda n, rng: rng.random(n) < 0.7, lambda n: np.zeros(n), by=0.3)
""",
    "tests/test_own.py": """
from chapter_and_verse import claim, rate_equals, strategies
from strangers.layers import masked


@claim(
    "her-half",
    "Her mask keeps half of the units",
    source="the README",
    given={"units": strategies.counts(64, 257)},
    holds=rate_equals(0.5, within=0.05),
    block=4096,
)
def her_mask_keeps_half(units, replicates, stream):
    import numpy as np

    kept = masked(np.ones(replicates), 0.5, stream.numpy())
    return int((kept != 0).sum()), replicates
""",
    "mine.toml": '[implementation]\ndropout = "strangers.layers:dropout"\n',
}


def write(folder: Path) -> Path:
    """The project, in a folder."""
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.lstrip("\n"), encoding="utf-8")
    return folder
