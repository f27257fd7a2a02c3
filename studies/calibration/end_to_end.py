"""Every relation on the edge of its zones at alpha = beta = 0.05, from the claim to the verdict.

Alpha is only a parameter: at 0.05 wrong verdicts are common enough to be counted.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.declaration import relations
from harness.declaration.claim import Claim
from harness.declaration.relations import Relation
from harness.implementation.named import parse
from harness.statistics.evidence import Verdict
from harness.trial.conditions import Conditions, Shares
from harness.trial.examination import examine
from reports.tables import Table
from studies.calibration import edge_claims
from studies.calibration.known import (
    FALSE_ALARM,
    LEVEL,
    largest_rate,
    limit,
    looks_of,
    rate_above_by_chance,
    rates_of_chi_squared,
    rates_of_counts,
    rates_of_labels,
)
from studies.tables import made

RUNS = 2000
MISS = 1e-3  # of an upper bound on a measured rate

# By relation: the role, its primitive on the false zone's edge, and on the true zone's.
PRIMITIVES = {
    "probability_above": ("gaussian_noise", "half_positive", "mostly_positive"),
    "probability_below": ("gaussian_noise", "half_positive", "rarely_positive"),
    "more_often_than_not": ("gaussian_noise", "half_positive", "mostly_positive"),
    "mean_above": ("gaussian_noise", "level_low", "level_high"),
    "mean_below": ("gaussian_noise", "level_high", "level_low"),
    "mean_equals": ("dropout", "keeps_seven_in_ten", "keeps_six_in_ten"),
    "rate_equals": ("dropout", "keeps_six_in_ten", "keeps_just_enough"),
    "variance_equals": ("gaussian_noise", "variance_too_large", "variance_just_right"),
    "uniform_variance_equals": ("xavier_uniform", "uniform_too_wide", "uniform_just_right"),
    "distribution_equals": ("gaussian_noise", "law_too_far", "law_just_near"),
    "pairwise_independent": ("dropout", "neighbours_too_close", "neighbours_just_free"),
    "exactly_equal": ("relu", "relu_too_large", "relu_just_right"),
    "one_run_within": ("relu", "relu_too_large", "relu_just_right"),
    "always_true": ("relu", "relu_too_large", "relu_just_right"),
    "all_hold": ("dropout", "keeps_six_in_ten", "keeps_just_enough"),
    "inside_the_law": ("gaussian_noise", "rarely_positive", "sometimes_positive"),
}

YES, NO = np.array([True]), np.array([False])
# By relation: what one replicate is observed as in two outcomes, and the probability of the first
# at either edge. The relations that are not here have no count for a sample.
OUTCOMES: dict[str, tuple[tuple[Any, Any], float, float]] = {
    "probability_above": ((YES, NO), 0.5, 0.9),
    "probability_below": ((YES, NO), 0.5, 0.1),
    "more_often_than_not": ((YES, NO), 0.5, 0.9),
    "mean_equals": ((np.array([2.0]), np.array([0.0])), 0.7, 0.6),
    "rate_equals": ((YES, NO), 0.6, 0.51),
    "uniform_variance_equals": ((np.array([1.0]), np.array([0.0])), 1.5 / 3, 1.5**0.1 / 3),
    "all_hold": (
        ({"rate": YES, "mean": np.array([2.0])}, {"rate": NO, "mean": np.array([0.0])}), 0.6, 0.51,
    ),
    "inside_the_law": (({"below": NO, "above": YES}, {"below": YES, "above": NO}), 0.1, 0.3),
}  # fmt: skip
VARIANCES = {"variance_equals": (1.2, 1.2**0.1)}
# The neighbours agree with this probability, the calls as often as they should.
AGREEMENTS = {"pairwise_independent": ((0.6, 0.5), (0.55, 0.5))}


@dataclass(frozen=True)
class Case:
    """A claim with a primitive on an edge, and the verdict that is wrong there."""

    claim: Claim
    target: str
    edge: str
    wrong: Verdict


def cases() -> Iterator[Case]:
    """Both edges of every relation."""
    for claim in edge_claims.CLAIMS:
        role, false_edge, true_edge = PRIMITIVES[claim.id]
        at = f"{role}={edge_claims.HERE}:"
        yield Case(claim, at + false_edge, "just false", Verdict.CONFIRMED)
        yield Case(claim, at + true_edge, "just true", Verdict.REFUTED)


def every_relation() -> set[str]:
    """The names of the functions of `relations.py` that return a relation."""
    made: dict[str, Callable[..., object]] = {
        name: thing
        for name, thing in vars(relations).items()
        if callable(thing) and not name.startswith("_") and thing is not Relation
    }
    return {
        name
        for name, thing in made.items()
        if getattr(thing, "__annotations__", {}).get("return") == "Relation"
    }


def verdicts(case: Case, runs: int) -> Counter[Verdict]:
    """The verdicts of `runs` examinations, each at a salt of its own."""
    implementation = parse((case.target,))
    found: Counter[Verdict] = Counter()
    for run in range(runs):
        conditions = Conditions(salt=f"edge-{run}", implementation=implementation)
        found[examine(case.claim, conditions, Shares(LEVEL, LEVEL)).verdict] += 1
    return found


def exact_rate(case: Case) -> float | None:
    """The probability of the wrong verdict, computed; None where no exact law is at hand."""
    name, kind = case.claim.id, case.claim.test({})
    edge = 0 if case.edge == "just false" else 1
    looks = looks_of(kind, case.claim.block, LEVEL)
    if name in OUTCOMES:
        values, *rates = OUTCOMES[name]
        return rates_of_counts(kind, values, rates[edge], looks, LEVEL)[case.wrong]
    if name in VARIANCES:
        return rates_of_chi_squared(kind, VARIANCES[name][edge], looks[-1], LEVEL)[case.wrong]
    if name in AGREEMENTS:
        return rates_of_labels(kind, AGREEMENTS[name][edge], looks[-1], LEVEL)[case.wrong]
    return 0.0 if name in ("exactly_equal", "one_run_within", "always_true") else None


def shown(exact: float | None, wrong: int, runs: int) -> str:
    """How it is known that the rate is at most `LEVEL`."""
    if exact is not None:
        return "computed" if exact <= LEVEL else "NO"
    return "measured" if largest_rate(wrong, runs, MISS) <= LEVEL else "not shown"


def agrees(exact: float | None, wrong: int, runs: int) -> bool:
    """Whether the count is one that the exact rate gives, but for two chances in 10^7."""
    from scipy import stats

    if exact is None:
        return True
    return bool(
        min(stats.binom.cdf(wrong, runs, exact), stats.binom.sf(wrong - 1, runs, exact))
        >= FALSE_ALARM
    )


def table(runs: int = RUNS) -> Table:
    """The table of all relations at both edges."""
    started = time.process_time()
    most = limit(runs)
    rows, holds = [], True
    for case in cases():
        found = verdicts(case, runs)
        wrong = found[case.wrong]
        known = exact_rate(case)
        at_most = shown(known, wrong, runs)
        fine = wrong <= most and found[Verdict.ERROR] == 0
        fine &= at_most != "NO" and agrees(known, wrong, runs)
        holds &= fine
        primitive = case.target.rpartition(":")[2].replace("_", " ")
        rows.append(
            (case.claim.id, primitive, case.edge, case.wrong.value, wrong, wrong / runs, known,
             rate_above_by_chance(wrong, runs, LEVEL), at_most, most,
             found[Verdict.UNDECIDED], found[Verdict.ERROR], fine)
        )  # fmt: skip
    values = {
        "runs": runs, "most": most, "level": LEVEL, "sure": 1 - MISS, "false_alarm": FALSE_ALARM,
        "whole_alarm": FALSE_ALARM * len(rows),
    }  # fmt: skip
    seconds = time.process_time() - started
    return made("end-to-end", rows, values, holds=holds, seconds=seconds)
