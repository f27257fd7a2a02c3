"""`--claims-gate`: the run itself is held to the baseline, with real claims and real training."""

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from reports.statuses import GREEN, NOTHING
from studies.kills.toy import COIN, IMPORTS
from tests.processes import Done, python
from tests.runs import run_here

# The chapter's high-dimensional regression: 20 examples, 200 inputs, lambda = 3.
DECAY = """
from harness.declaration.exhibits import Measured, Statistic

@claim("toy-decay", "Weight decay keeps w small", "玩具论断",
       holds=more_often_than_not(), block=8, seconds=0.01, **COMMON)
def decay_keeps_w_small(relu, replicates, stream):
    from harness.data.synthetic import linear_200
    from harness.training.linear.linear import train_linear
    from harness.training.solver import Solver, Split

    rng = stream.numpy()
    X, y = linear_200(replicates, 40, rng)
    history = train_linear(
        Split(X[:, :20], y[:, :20], X[:, 20:], y[:, 20:]),
        Solver(lr=0.003, epochs=30, batch_size=5, weight_decay=3.0), rng,
        initial=rng.standard_normal((replicates, 200), dtype="float32"), initial_bias=0.0,
    )
    norm = np.linalg.norm(history.w, axis=-1)
    return Measured(norm < 13, Statistic("norm of w", norm))
"""

DROPOUT = """
@claim("toy-kept", "Dropout drops with probability p", "玩具论断",
       holds=rate_equals(0.2, within=0.02),
       block=4096, seconds=0.01,
       **COMMON)
def dropout_drops_with_probability_p(dropout, replicates, stream):
    import torch

    kept = dropout(torch.ones(replicates), 0.2, stream.torch("cpu"))
    return (kept == 0).numpy()
"""

DROPS_25_FOR_20 = """
import harness.primitives.dropout

def dropout(h, p, generator, training=True):
    return harness.primitives.dropout.dropout(h, p * 1.25, generator, training)
"""

Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run pytest in a suite of its own with the real plugins, or the reports' command."""
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "conftest.py").write_text(
        'pytest_plugins = ["harness.run.plugin", "reports.gate.in_pytest"]\n'
    )
    (tmp_path / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\npython_files = ["toy*.py"]\n'
        'addopts = ["--import-mode=importlib", "-p", "no:randomly", "-p", "no:cacheprovider"]\n'
    )

    def started(program: str, *words: str, claims: str = "") -> Done:
        if claims:
            (tmp_path / "toy.py").write_text(IMPORTS + claims)
        if program == "pytest":
            return run_here(*words, folder=tmp_path)
        return python("-m", program, *words, folder=tmp_path)

    return started


def accepted(run: Run, claims: str) -> None:
    done = run("pytest", "--claims-salt=baseline", claims=claims)
    assert done.returncode == 0, done.stdout
    assert run("reports", "accept").returncode == 0


def test_the_same_code_is_green_at_another_salt(run: Run) -> None:
    accepted(run, COIN + DECAY)

    done = run("pytest", "--claims-gate")

    assert done.returncode == 0, done.stdout
    assert "The gate is green." in done.stdout
    assert run("reports", "gate").returncode == GREEN


def test_a_changed_decay_turns_the_run_red(run: Run) -> None:
    """Every verdict is the expected one; the norm that training ends with is another."""
    accepted(run, DECAY)

    changed = DECAY.replace("weight_decay=3.0", "weight_decay=3.3")
    done = run("pytest", "--claims-gate", claims=changed)

    assert done.returncode == 1, done.stdout
    assert "1 passed" in done.stdout
    assert "✗ toy-decay [cpu, ci]: norm of w: has drifted: −" in done.stdout
    assert "next: python -m pytest" in done.stdout


def test_a_changed_dropout_turns_the_run_red(run: Run, tmp_path: Path) -> None:
    accepted(run, DROPOUT)
    (tmp_path / "theirs.py").write_text(DROPS_25_FOR_20)

    done = run("pytest", "--claims-gate", "--claims-implementation=dropout=theirs:dropout")

    assert done.returncode == 1
    said = "“Dropout drops with probability p” is REFUTED, expected CONFIRMED"
    assert said in done.stdout
    assert "--claims-implementation=dropout=theirs:dropout" in done.stdout.partition("next: ")[2]


def test_a_vanished_claim_turns_the_run_red(run: Run) -> None:
    accepted(run, COIN + DECAY)

    done = run("pytest", "--claims-gate", claims=COIN)

    assert done.returncode == 1
    assert "✗ toy-decay [cpu, ci]: the claim has vanished" in done.stdout


def test_a_part_of_the_claims_is_no_vanishing(run: Run) -> None:
    accepted(run, COIN + DECAY)

    done = run("pytest", "--claims-gate", "--claims-only=toy-coin")

    assert done.returncode == 0, done.stdout
    assert "1 verdicts of the baseline were not asked for" in done.stdout


def test_a_run_of_another_kind_than_the_named_baseline_has_a_status_of_its_own(run: Run) -> None:
    accepted(run, COIN)

    done = run("pytest", "--claims-gate", "--claims-profile=dev", "--claims-baseline=baseline.json")

    assert done.returncode == NOTHING, done.stdout
    assert "1 passed" in done.stdout
    assert "nothing was compared: the baseline holds verdicts of [cpu, ci]" in done.stdout


def test_no_baseline_is_new_and_green(run: Run) -> None:
    done = run("pytest", "--claims-gate", claims=COIN)
    assert done.returncode == 0
    assert "there is no baseline.json, so everything is new" in done.stdout


def test_a_baseline_that_is_none_fails_the_run(run: Run, tmp_path: Path) -> None:
    (tmp_path / "baseline.json").write_text("{")

    done = run("pytest", "--claims-gate", claims=COIN)

    assert done.returncode == 1
    assert "the gate could not judge: " in done.stdout


@pytest.mark.parametrize("workers", [(), ("-n1",)], ids=["serial", "xdist"])
def test_the_junit_file_says_what_was_tried_and_how_to_repeat_it(
    run: Run, tmp_path: Path, workers: tuple[str, ...]
) -> None:
    done = run("pytest", "--junitxml=junit.xml", *workers, claims=COIN)

    assert done.returncode == 0, done.stdout
    case = ElementTree.parse(tmp_path / "junit.xml").find(".//testcase")
    assert case is not None
    found = {one.get("name"): one.get("value") for one in case.iter("property")}
    assert found["claims.claim"] == "toy-coin"
    assert found["claims.verdict"] == found["claims.expected"] == "CONFIRMED"
    assert found["claims.as_expected"] == "true"
    assert str(found["claims.rerun"]).startswith("python -m pytest ")
    assert {"claims.interval", "claims.replicates", "claims.digest", "claims.salt"} <= set(found)


def test_a_run_of_no_claim_is_not_judged(run: Run) -> None:
    accepted(run, COIN)

    done = run("pytest", "--claims-gate", "-k", "nothing")

    assert done.returncode == NOTHING, done.stdout
    assert "no claim was examined, so that the gate has judged nothing" in done.stdout
