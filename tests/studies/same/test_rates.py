"""The study of rates: its exact figures stay below what is stated, and its page holds them."""

from reports.tables import read_tables
from studies.same.rates import exact_rows, simulated
from studies.tables import DOCS


def test_exact_rates_are_below_the_stated_ones_and_not_far() -> None:
    for _, _, needed, _, probability in exact_rows():
        assert needed / 3 < probability <= needed


def test_the_page_has_the_exact_figures_of_today() -> None:
    kept = read_tables(DOCS / "same.json")["same-exact"]

    assert [list(row) for row in kept.rows] == [list(row) for row in exact_rows()]


def test_a_small_simulation_decides_what_is_far_from_the_edge() -> None:
    assert simulated("Cauchy, scale margin / 4", 0.0, 1e-3, 3, 1)[0] == 3
    assert simulated("Cauchy, scale margin / 4", 4.0, 1e-3, 3, 1)[1] == 3
