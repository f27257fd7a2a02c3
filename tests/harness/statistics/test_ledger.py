import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.statistics.ledger import Ledger

costs = st.dictionaries(
    st.text(min_size=1, max_size=8), st.floats(1e-6, 1e6), min_size=1, max_size=60
)


@given(costs, st.integers(1, 5), st.integers(1, 9))
def test_all_shares_are_within_budget(costs: dict[str, float], devices: int, settings: int) -> None:
    ledger = Ledger(costs, alpha_suite=1e-6, beta_suite=2e-6, devices=devices)

    naive_alpha = naive_beta = 0.0
    for claim in costs:
        for _ in range(devices * settings):
            naive_alpha += ledger.alpha(claim, settings)
            naive_beta += ledger.beta(claim, settings)

    assert 1e-6 * (1 - 1e-9) <= naive_alpha <= 1e-6
    assert 2e-6 * (1 - 1e-9) <= naive_beta <= 2e-6


@given(costs)
def test_a_costlier_claim_has_a_larger_share(costs: dict[str, float]) -> None:
    ledger = Ledger(costs)
    ranked = sorted(costs, key=costs.__getitem__)
    assert [ledger.alpha(c) for c in ranked] == sorted(ledger.alpha(c) for c in ranked)


def test_shares_proportional_to_cost_are_cheapest() -> None:
    costs = {"training": 10.0, "masks": 0.1, "weights": 0.4}
    ledger = Ledger(costs)

    def price(shares: dict[str, float]) -> float:
        return sum(cost * math.log(1 / shares[claim]) for claim, cost in costs.items())

    shares = {claim: ledger.alpha(claim) for claim in costs}
    best = price(shares)

    for giver in costs:
        for taker in set(costs) - {giver}:
            moved = 0.01 * shares[giver]
            other = {**shares, giver: shares[giver] - moved, taker: shares[taker] + moved}
            assert price(other) > best


def test_200_claims_cost_1_38_times_the_samples_of_one() -> None:
    ledger = Ledger({str(i): 1.0 for i in range(200)})
    ratio = math.log(1 / (ledger.alpha("0"))) / math.log(1e6)
    assert ratio == pytest.approx(1.38, abs=0.005)


def test_a_share_is_the_pair_of_both_rates_over_the_settings() -> None:
    ledger = Ledger({"a": 1.0, "b": 3.0}, alpha_suite=1e-6, beta_suite=1e-5)

    alpha, beta = ledger.alpha("b", settings=5), ledger.beta("b", settings=5)

    assert alpha == pytest.approx(1e-6 * 0.75 / 5)
    assert beta == pytest.approx(10 * alpha)


def test_two_devices_share_what_one_has() -> None:
    one, two = (Ledger({"a": 1.0}, devices=devices).alpha("a") for devices in (1, 2))

    assert one == 2 * two
    with pytest.raises(ValueError, match="devices=0: a run is on one device at least"):
        Ledger({"a": 1.0}, devices=0)


@pytest.mark.parametrize("cost", [0.0, -1.0, math.inf, math.nan])
def test_a_cost_that_is_no_price_is_refused(cost: float) -> None:
    with pytest.raises(ValueError, match="positive, finite"):
        Ledger({"a": cost})


def test_unknown_claims_and_impossible_rates_are_refused() -> None:
    with pytest.raises(ValueError, match="no claim named 'b'"):
        Ledger({"a": 1.0}).alpha("b")
    with pytest.raises(ValueError, match="at least one setting"):
        Ledger({"a": 1.0}).alpha("a", settings=0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        Ledger({"a": 1.0}, alpha_suite=0.0)
