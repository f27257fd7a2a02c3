"""The simulated cluster against what can be computed, the page, and the three verdicts."""

import pytest

from harness.statistics.evidence import Verdict
from studies.scaling.simulation import Cluster, simulate
from studies.scaling.verdicts import EPOCHS, verdict
from tests.processes import printed

FREE = Cluster(workers=4, start=0.0, dispatch=0.0, transit=0.0)


def test_a_cluster_without_overheads_divides_the_work() -> None:
    found = simulate(400, 0.5, FREE)
    assert found.seconds == pytest.approx(400 * 0.5 / 4)
    assert found.efficiency == pytest.approx(1)


def test_start_and_transit_are_paid_where_they_fall() -> None:
    found = simulate(8, 1.0, Cluster(4, start=3.0, dispatch=0.0, transit=0.25))
    assert found.seconds == pytest.approx(3 + 2 * 1.25)


def test_more_workers_than_the_dispatcher_can_feed_wait_for_it() -> None:
    found = simulate(10_000, 1.0, Cluster(1000, start=0.0, dispatch=0.01, transit=0.0))
    assert found.seconds == pytest.approx(10_000 * 0.01 + 1.0, rel=1e-3)
    assert found.dispatcher == pytest.approx(0.99, abs=0.01)


def test_deaths_cost_time_and_nothing_else() -> None:
    calm = simulate(4000, 0.5, FREE, spread=0.3)
    deadly = simulate(4000, 0.5, FREE, spread=0.3, deaths=0.05)

    assert deadly.efficiency < calm.efficiency
    assert calm.seconds < deadly.seconds < 1.1 * calm.seconds


@pytest.mark.parametrize("degree", [degree for degree in EPOCHS if degree < 19])
def test_a_verdict_of_the_three(degree: int) -> None:
    assert verdict(degree, 128)[0] is Verdict.CONFIRMED


def test_the_three_verdicts_load_no_torch() -> None:
    said = "import sys, studies.scaling.verdicts; print('torch' in sys.modules)"
    assert printed("-c", said) == "False"
