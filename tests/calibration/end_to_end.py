"""Every relation on the edge of its zones at alpha = beta = 0.05, from the claim to the verdict.

Alpha is only a parameter: at 0.05 wrong verdicts are common enough to be counted.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.statistics.kind import Verdict
from harness.trial import relations
from harness.trial.claim import Claim
from harness.trial.experiment import Conditions, examine
from harness.trial.implementation import parse
from harness.trial.relations import Relation
from harness.trial.suite import claims_in
from tests.calibration import edge_claims
from tests.calibration.tables import Table

LEVEL = 0.05
RUNS = 2000
FALSE_ALARM = 1e-7  # of one row whose kind errs at exactly LEVEL

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
    "always_true": ("relu", "relu_too_large", "relu_just_right"),
    "all_hold": ("dropout", "keeps_six_in_ten", "keeps_just_enough"),
    "inside_the_law": ("gaussian_noise", "rarely_positive", "sometimes_positive"),
}


@dataclass(frozen=True)
class Case:
    """A claim with a primitive on an edge, and the verdict that is wrong there."""

    claim: Claim
    target: str
    edge: str
    wrong: Verdict


def cases() -> Iterator[Case]:
    """Both edges of every relation."""
    for claim in claims_in(edge_claims):
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
        found[examine(case.claim, conditions, LEVEL, LEVEL).verdict] += 1
    return found


def limit(runs: int) -> int:
    """More wrong verdicts than this have probability `FALSE_ALARM` at most, at rate LEVEL."""
    from scipy import stats

    return int(stats.binom.isf(FALSE_ALARM, runs, LEVEL))


def table(runs: int = RUNS) -> Table:
    """The table of all relations at both edges."""
    started = time.process_time()
    most = limit(runs)
    rows, holds = [], True
    for case in cases():
        found = verdicts(case, runs)
        wrong = found[case.wrong]
        fine = wrong <= most and found[Verdict.ERROR] == 0
        holds &= fine
        primitive = case.target.rpartition(":")[2].replace("_", " ")
        rows.append(
            (case.claim.id, primitive, case.edge, case.wrong.value, wrong, wrong / runs, most,
             found[Verdict.UNDECIDED], found[Verdict.ERROR], fine)
        )  # fmt: skip
    return Table(
        key="end-to-end",
        title=f"Every relation on its edges, from claim to verdict, at {LEVEL:g}",
        command="python -m tests.calibration end-to-end",
        text=(
            f"{runs} examinations a row, each at a salt of its own, with a primitive that is just "
            "outside or just inside what the relation says.",
            f"A row holds if at most {most} verdicts are wrong: a kind that errs at exactly "
            f"{LEVEL:g} passes that limit with probability {FALSE_ALARM:g}, so that the whole "
            f"table cries wolf with probability {FALSE_ALARM * len(rows):.1g} at most.",
            "Undecided is not wrong; its planned share is 5 % at these rates.",
        ),
        columns=("relation", "primitive", "edge", "wrong verdict", "wrong", "rate", "limit",
                 "undecided", "errors", "holds"),
        rows=tuple(rows),
        holds=holds,
        seconds=time.process_time() - started,
    )  # fmt: skip
