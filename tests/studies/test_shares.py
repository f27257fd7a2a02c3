"""The page of shares is what the command writes, and no share is coarse without its cost."""

import pytest

from harness.statistics.instances import unseen_share
from reports.tables import read_tables
from studies.costs import SWEEP
from studies.shares import FILE, FINEST, Row, tables, universal

ROWS = universal()


def test_the_page_is_that_of_the_costs() -> None:
    assert read_tables(FILE) == tables(), "run python -m studies.shares"


@pytest.mark.parametrize("row", [row for row in ROWS if row.is_coarse], ids=lambda r: r.claim.id)
def test_no_share_is_above_one_percent_unless_its_cost_says_why(row: Row) -> None:
    finest = row.seconds(FINEST)

    assert finest is not None
    assert finest > SWEEP
    assert f"1 % would take {finest:.0f}" in row.why.en or finest < 10


def test_every_sweep_excludes_its_share_within_the_time_that_one_may_take() -> None:
    for row in ROWS:
        if row.share is not None:
            assert unseen_share(row.instances(row.share), row.alpha) <= row.share * (1 + 1e-12)
            assert (row.seconds(row.share) or 0) <= SWEEP


def test_the_dearest_is_named_and_stands_first() -> None:
    above = tables()["shares-above"]
    costliest = max(ROWS, key=lambda row: row.seconds(FINEST) or 0)

    assert above.rows[0][0] == costliest.claim.id
    assert f"`{costliest.claim.id}`" in above.text[-1].en
