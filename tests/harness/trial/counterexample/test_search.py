"""A refuted object's program fails without this package, and passes once the object is mended."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.records.record import Record
from harness.run.api import check_implementation
from harness.statistics.evidence import Verdict

RIGHT = """
import torch

def sgd(params, grads, lr, weight_decay=0.0, decoupled=False, decays=None):
    flags = decays or [True] * len(params)
    return [w - lr * (g + weight_decay * w * flag) for w, g, flag in zip(params, grads, flags)]

def relu(x):
    return torch.relu(x)

def penalty(w):
    return w.square().flatten(1).sum(1) / 2

def clip(grads, max_norm):
    norm = sum(g.square().flatten(1).sum(1) for g in grads).sqrt()
    scale = (max_norm / norm).clamp(max=1.0).nan_to_num(1.0)
    return [g * scale.reshape(-1, *[1] * (g.dim() - 1)) for g in grads], norm

def dropout(h, p, generator, training=True):
    if not training or p == 0:
        return h
    kept = torch.rand(h.shape, generator=generator, dtype=torch.float64) >= p
    return torch.where(kept, h / (1 - p), 0.0).to(h.dtype)

def adam(params, grads, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0,
         decoupled=False, decays=None):
    flags = decays or [True] * len(params)
    grads = [g + weight_decay * w * f for w, g, f in zip(params, grads, flags)]
    m = [(1 - betas[0]) * g for g in grads]
    v = [(1 - betas[1]) * g * g for g in grads]
    return [
        w - lr * (a / (1 - betas[0]) / ((b / (1 - betas[1])).sqrt() + eps))
        for w, a, b in zip(params, m, v)
    ], (1, m, v)

def columns(x, degree):
    import math
    import numpy as np
    return np.stack([x**i / math.factorial(i) for i in range(degree + 1)], -1).astype(x.dtype)
"""
# What the program says of the object, and again once its module is mended, with nothing of ours.
MENDED = """
import pathlib, sys
sys.modules.update(dict.fromkeys({packages!r}))
program, module = pathlib.Path({program!r}).read_text(), pathlib.Path({module!r})
for source in (None, {right!r}):
    if source:
        module.write_text(source)
        del sys.modules[module.stem]
    try:
        exec(program, {{}})
        print("passes")
    except AssertionError:
        print("fails")
"""
PACKAGES = ("harness", "claims", "reports", "chapter_and_verse")


def judged(
    folder: Path, monkeypatch: pytest.MonkeyPatch, source: str, spec: str, **options: Any
) -> Record:
    """The record of one claim about an object of a module of the user's own."""
    role, name, claim = spec.split()
    module = f"mine_{abs(hash((source, str(folder))))}"
    (folder / f"{module}.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    (record,) = check_implementation(f"{role}={module}:{name}", claims=claim, **options)
    return record


def said(program: str, module: Path) -> list[str]:
    """What the program says of the module, and of the right one, in a process of its own."""
    file = module.with_name("program.py")
    file.write_text(program, encoding="utf-8")
    source = MENDED.format(packages=PACKAGES, program=str(file), module=str(module), right=RIGHT)
    # A module that is mended within a second has the time stamp of the broken one's bytecode.
    shutil.rmtree(module.with_name("__pycache__"), ignore_errors=True)
    command = [sys.executable, "-I", "-B", "-c", source]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if line in ("passes", "fails")]


@pytest.mark.parametrize(
    ("spec", "right", "wrong"),
    [
        ("sgd sgd wd-update", "weight_decay * w * flag", "weight_decay * w * w * flag"),
        ("relu relu ac-relu.formula", "torch.relu(x)", "x.clamp(0, 6)"),
        ("l2_penalty penalty wd-identities", ".sum(1) / 2", ".sum(1)"),
        ("clip_gradient_norm clip ns-explode-breaks.clip", "g.square()", "g.abs()"),
        ("dropout dropout do-unbiased", "h / (1 - p)", "h"),
        ("adam adam wd-update.adam", "a / (1 - betas[0]) /", "a /"),
        ("polynomial_features columns po-gamma", "math.factorial(i)", "max(i, 1)"),
    ],
    ids=lambda value: value.split()[0] if value.count(" ") == 2 else "",
)
def test_the_program_fails_alone_and_passes_once_the_object_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: str, right: str, wrong: str
) -> None:
    assert RIGHT.count(right) == 1

    program = judged(tmp_path, monkeypatch, RIGHT.replace(right, wrong), spec).counterexample

    assert program is not None
    assert len(program.splitlines()) <= 15
    (module,) = tmp_path.glob("mine_*.py")
    assert said(program, module) == ["fails", "passes"]


@pytest.mark.parametrize("salt", "abcdefghij")
def test_one_wrong_element_among_a_thousand_is_found_at_every_salt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, salt: str
) -> None:
    source, spec = RIGHT.replace("torch.relu(x)", "x.clamp(0, 6)"), "relu relu ac-relu.formula"

    program = judged(tmp_path, monkeypatch, source, spec, salt=salt).counterexample

    assert program is not None
    (call,) = (line for line in program.splitlines() if line.startswith("got = "))
    assert re.fullmatch(r"got = relu\(torch\.tensor\(\[\d+\.0\]\)\)", call)


@pytest.mark.parametrize(
    ("spec", "source", "verdict"),
    [
        pytest.param("relu relu ac-relu.formula", RIGHT, Verdict.CONFIRMED, id="holds"),
        pytest.param(
            "relu relu ac-relu.formula",
            "import harness.text\n" + RIGHT.replace("torch.relu(x)", "x.clamp(0, 6)"),
            Verdict.REFUTED,
            id="needs this package",
        ),
        pytest.param(
            "dropout dropout do-unbiased",
            RIGHT.replace(">= p", ">= p / 2"),
            Verdict.REFUTED,
            id="wrong in no single call",
        ),
        pytest.param(
            "dropout dropout do-keep-rule.infinite",
            RIGHT.replace(">= p", ">= (p / 2 if p < 1 else p)"),
            Verdict.REFUTED,
            id="right where everything is dropped",
        ),
    ],
)
def test_there_is_no_program_where_none_would_fail_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: str, source: str, verdict: Verdict
) -> None:
    record = judged(tmp_path, monkeypatch, source, spec)

    assert record.verdict is verdict
    assert record.counterexample is None


def test_what_no_name_finds_has_no_program() -> None:
    (record,) = check_implementation(relu=lambda x: x.clamp(0, 6), claims="ac-relu.formula")

    assert record.mismatch is not None
    assert record.counterexample is None
