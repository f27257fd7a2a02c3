"""The calibration's parts in small, and its own faults: an engine that errs is found out."""

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from harness.statistics.evidence import Evidence, Summary, Verdict
from harness.statistics.tests.bernoulli import BernoulliTest
from reports.tables import keep, read_tables
from studies.calibration import end_to_end, importance, known, replication
from studies.calibration.exact import PLACES, RATE, five_truths
from studies.calibration.laws import Betas, Bits, ChiSquared, Counts, Kinked, Law, log_weight
from studies.tables import made

# Truth, P(CONFIRMED), P(REFUTED), P(UNDECIDED) and the expected replicates of 0.5 against 0.9 in
# blocks of 4, cap 122: what the dynamic programme gave when this was written.
PINNED = (
    (0.25, 4.7648280796973505e-15, 0.9999999999999952, 4.218795573030027e-27, 14.97224593251789),
    (0.5, 4.827540310804507e-07, 0.9999987193133533, 7.979326155743256e-07, 31.792059788904336),
    (0.7, 0.13125790660749126, 0.6400862835670026, 0.22865580982550443, 95.28873143878093),
    (0.9, 0.9999990769898822, 2.0825631512293848e-07, 7.147538032443556e-07, 39.85448996233557),
    (0.95, 0.9999999999082637, 9.17000875916249e-11, 3.6243928911031975e-14, 29.999804702287676),
)


def test_every_relation_is_calibrated_at_both_edges() -> None:
    assert end_to_end.every_relation() == set(end_to_end.PRIMITIVES)
    assert len(list(end_to_end.cases())) == 2 * len(end_to_end.PRIMITIVES)


def test_each_relation_errs_no_more_often_than_it_says_in_a_few_runs() -> None:
    # More than this many of 20 runs err with probability below 1e-7 a row.
    most = known.limit(20)

    for case in end_to_end.cases():
        found = end_to_end.verdicts(case, 20)
        assert found[case.wrong] <= most, case
        assert found[Verdict.ERROR] == 0, case


@pytest.mark.parametrize("row", PINNED, ids=PLACES)
def test_the_exact_rates_are_those_of_the_dynamic_programme(row: tuple[float, ...]) -> None:
    kind = BernoulliTest(0.5, 0.9)
    truth, confirmed, refuted, undecided, expected = row
    found = kind.operating(RATE, RATE, (truth,), block=4)

    assert truth in five_truths(kind)
    assert float(found.high[0]) == pytest.approx(confirmed, rel=1e-9)
    assert float(found.low[0]) == pytest.approx(refuted, rel=1e-9)
    assert float(found.undecided[0]) == pytest.approx(undecided, rel=1e-9)
    assert float(found.expected[0]) == pytest.approx(expected, rel=1e-12)
    assert float(found.high[0] + found.low[0] + found.undecided[0]) == pytest.approx(1, abs=1e-12)


LAWS: list[Law] = [
    Bits(0.4, (0.5, 0.7)), Counts(0.1, (0.2,)), Betas(2, 3, (0.3, -0.6)),
    ChiSquared(1.2, (1.0, 1.5)), Kinked(0.1, (0.0, 0.2)),
]  # fmt: skip


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
def test_the_likelihood_ratio_of_a_tilt_has_mean_one_on_the_edge(law: Any) -> None:
    # E_tilt[dP_edge / dP_tilt] = 1 for each tilt; 4000 draws of 3 observations, 6 deviations.
    single = [dataclasses.replace(law, tilts=(tilt,)) for tilt in law.tilts]

    for one in single:
        rng = np.random.default_rng(3)
        weights = [math.exp(log_weight(one.draw(rng, 3, one.tilts[0])[1])) for _ in range(4000)]
        error = float(np.std(weights)) / math.sqrt(4000)
    assert np.mean(weights) == pytest.approx(1, abs=6 * error)


class Hasty(BernoulliTest):
    """A kind that says that it has one nat more than it has."""

    def evidence(self, summary: Summary, alpha: float, beta: float) -> Evidence:
        honest = super().evidence(summary, alpha, beta)
        return dataclasses.replace(honest, confirm=honest.confirm + 1.0)


def test_an_engine_that_stops_too_early_is_found_out() -> None:
    law = Bits(0.5, (0.75, 0.9, 0.97))
    honest = importance.Case(BernoulliTest(), "p = 0.5", Verdict.CONFIRMED, law)
    hasty = importance.Case(Hasty(), "p = 0.5", Verdict.CONFIRMED, law)

    assert importance.measure(honest, 200, 0).holds
    assert not importance.measure(hasty, 200, 0).holds


def test_a_fixed_sample_that_is_read_at_the_wrong_level_is_found_out() -> None:
    case = next(case for case in importance.cases() if case.edge == "v = 1.2")
    exact = importance.exact_rate(case)

    assert exact == pytest.approx(RATE, rel=1e-6)
    assert importance.measure(case, 2000, 1).agrees(RATE)
    assert not importance.measure(case, 2000, 1).agrees(2 * RATE)


def test_exact_rates_of_counts_are_binomial_tails() -> None:
    case = next(case for case in importance.cases() if case.edge == "rate 0.01")
    size = case.kind.plan(RATE, RATE).observations
    most = int(stats.binom.ppf(RATE, size, 0.01)) - 1

    assert importance.exact_rate(case) == pytest.approx(stats.binom.cdf(most, size, 0.01), rel=1e-6)


def test_correlated_streams_are_found_out() -> None:
    rng = np.random.default_rng(4)
    draws = rng.random((8, replication.DRAWS))
    late = np.vstack([draws, np.roll(draws[3], -1)])

    assert replication.largest_correlation(draws) <= replication.limit(128)
    assert replication.largest_correlation(late) > 0.9


def test_a_table_is_kept_by_key_in_place_of_an_earlier_one(tmp_path: Path) -> None:
    file = tmp_path / "tables.json"
    table = made("replication", [("streams", 3, 4, True)], {"draws": 5, "false_alarm": 0.1})
    keep(file, "k", dataclasses.replace(table, rows=()))
    keep(file, "k", table)

    assert read_tables(file) == {"k": table}
