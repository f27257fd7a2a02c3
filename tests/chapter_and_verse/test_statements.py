"""Single statements: what holds passes, what does not fails with its reason, at a stated rate.

With a share of 1e-9 for each test, all of these are wrong less than once in a million runs.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from chapter_and_verse.statements import Statements

Generator = np.random.Generator
Statement = Callable[[Statements], Any]


def uniform(n: int, rng: Generator) -> Any:
    return rng.random(n)


def normal(n: int, rng: Generator) -> Any:
    return rng.normal(3.0, 2.0, size=n)


def below(p: float) -> Callable[[int, Generator], Any]:
    return lambda n, rng: rng.random(n) < p


def stated(test: str = "test_mine.py::test_mine", salt: str = "a") -> Statements:
    return Statements(test, salt, 1e-9)


def trained(factor: float) -> Callable[[int], dict[str, float]]:
    return lambda seed: {"loss": factor * float(np.random.default_rng(seed).uniform(0.5, 1))}


HOLDS: dict[str, Statement] = {
    "rate": lambda trial: trial.rate(below(0.1), equals=0.1, within=0.02),
    "mean": lambda trial: trial.mean(uniform, equals=0.5, within=0.05, low=0, high=1),
    "variance": lambda trial: trial.variance(uniform, equals=1 / 12, within=0.02, low=0, high=1),
    "gaussian": lambda trial: trial.variance(normal, equals=4.0, within=0.4),
    "same law": lambda trial: trial.same_law(normal, normal, within=0.1),
    "more often": lambda trial: trial.more_often(below(0.7), below(0.4)),
}
FAILS: dict[str, tuple[Statement, str]] = {
    "rate": (lambda t: t.rate(below(0.16), equals=0.1, within=0.02), "the rate equals 0.1 within"),
    "mean": (lambda t: t.mean(uniform, equals=0.4, within=0.05, low=0, high=1), "the mean equals"),
    "variance": (
        lambda t: t.variance(uniform, equals=0.12, within=0.02, low=0, high=1),
        "the variance equals 0.12 within 0.02",
    ),
    "gaussian": (lambda t: t.variance(normal, equals=3.0, within=0.3), "the variance equals 3"),
    "same law": (lambda t: t.same_law(normal, uniform, within=0.1), "both draw from one law"),
    "more often": (lambda t: t.more_often(below(0.4), below(0.6)), "the first event is likelier"),
}


@pytest.mark.parametrize("name", HOLDS)
def test_what_holds_passes_and_returns_its_evidence(name: str) -> None:
    evidence = HOLDS[name](stated())

    assert evidence.interval[0] <= evidence.estimate <= evidence.interval[1]


@pytest.mark.parametrize("name", FAILS)
def test_what_does_not_hold_fails_and_says_why(name: str) -> None:
    statement, says = FAILS[name]

    with pytest.raises(pytest.fail.Exception) as caught:
        statement(stated())

    assert f"{says}" in str(caught.value)
    assert "is refuted\n  estimate" in str(caught.value)
    assert "python -m pytest test_mine.py::test_mine --claims-salt=a" in str(caught.value)


@pytest.mark.parametrize("rate", [0.117, 0.12, 0.123])
def test_a_truth_near_the_margin_s_edge_is_neither(rate: float) -> None:
    with pytest.raises(pytest.fail.Exception, match="is neither shown nor refuted"):
        stated().rate(below(rate), equals=0.1, within=0.02)


def test_a_truth_well_within_the_margin_is_shown() -> None:
    assert stated().rate(below(0.105), equals=0.1, within=0.02).estimate > 0.1


def test_training_functions_are_the_same_or_the_test_fails_and_says_how_they_differ() -> None:
    trial = stated()

    assert len(trial.same(trained(1.0), trained(1.0001), {"loss": "5%"}).runs) == 32
    with pytest.raises(pytest.fail.Exception) as caught:
        trial.same(trained(1.0), trained(1.2), {"loss": "5%"})
    assert "loss: CHANGED, median +20 %" in str(caught.value)
    assert "python -m pytest test_mine.py::test_mine --claims-salt=a" in str(caught.value)
    with pytest.raises(pytest.fail.Exception, match="UNDECIDED"):
        trial.same(trained(1.0), trained(1.0), {"loss": "5%"}, pairs=5)
    assert trial.spent == [1e-9 / 2, 1e-9 / 6, 1e-9 / 12]


def test_the_statements_of_a_test_share_its_error_rate() -> None:
    trial = stated()

    for _ in range(3):
        trial.more_often(below(0.9), below(0.1), by=0.5)

    assert trial.spent == [1e-9 / 2, 1e-9 / 6, 1e-9 / 12]
    assert sum(1e-9 / (k * (k + 1)) for k in range(1, 1000)) < 1e-9


def test_the_generator_is_derived_from_salt_test_and_place() -> None:
    drawn: list[float] = []

    def noted(n: int, rng: Generator) -> Any:
        values = rng.random(n)
        drawn.append(float(values[0]))
        return values < 0.5

    for trial in (stated(), stated(), stated(salt="b"), stated(test="test_other")):
        for _ in range(2):
            trial.rate(noted, equals=0.5, within=0.1)

    assert drawn[:2] == drawn[2:4]
    assert len(set(drawn)) == 6


def test_the_two_sides_of_a_comparison_draw_apart() -> None:
    evidence = stated().same_law(uniform, uniform, within=0.1)

    assert evidence.estimate > 0


def test_tensors_and_functions_without_a_signature_are_taken() -> None:
    heads = torch.ones(10**6, dtype=torch.bool)

    stated().rate(lambda n: heads[:n], equals=1.0, within=0.1)
    stated().mean(np.random.default_rng(1).random, equals=0.5, within=0.1, low=0, high=1)


def test_the_sample_is_asked_for_in_pieces() -> None:
    asked: list[int] = []

    def counted(n: int, rng: Generator) -> Any:
        asked.append(n)
        return rng.random(n) < 0.5

    stated().rate(counted, equals=0.5, within=0.002)

    assert len(asked) > 2
    assert max(asked) == 1 << 20


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (lambda t: t.rate(lambda n: np.ones(3), equals=0.5, within=0.1), "returned the shape (3,)"),
        (lambda t: t.rate(lambda n: np.full(n, 0.5), equals=0.5, within=0.1), "as booleans"),
        (lambda t: t.rate(below(0.5), equals=1.5, within=0.1), "a rate lies between 0 and 1"),
        (lambda t: t.mean(normal, equals=3, within=1, low=0, high=5), "outside the declared"),
        (lambda t: t.variance(normal, equals=0.0, within=0.1), "division by zero"),
        (lambda t: t.same_law(normal, normal, within=2.0), "lies between 0 and 1"),
        (lambda t: t.same(trained(1.0), trained(1.0), {}), "no margin was given"),
    ],
)
def test_what_cannot_be_stated_fails_in_one_sentence(statement: Statement, says: str) -> None:
    with pytest.raises(pytest.fail.Exception) as caught:
        statement(stated())

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
