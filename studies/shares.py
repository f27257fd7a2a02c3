"""What universal sentences could hide: `python -m studies.shares` writes docs/studies/shares.md.

The table follows from the claims and from claims/costs.tsv alone: nothing is measured here.
"""

from dataclasses import dataclass

from harness.declaration.claim import Claim
from harness.records.covered import percent
from harness.run.examiner import of_the_suite
from harness.run.suite import whole_suite
from harness.statistics.instances import instances_for
from harness.text import Text
from reports.tables import Cell, Table, write_tables
from studies.costs import SHARES, SWEEP
from studies.tables import DOCS, made, pages, write

FILE = DOCS / "shares.json"
FINEST, COARSEST = SHARES[0], SHARES[-1]


@dataclass(frozen=True)
class Row:
    """A universal claim: its share, None for no sweep, and seconds of one of its instances."""

    claim: Claim
    share: float | None
    instance: float | None
    alpha: float

    def instances(self, share: float) -> int:
        """As many as exclude the share."""
        return instances_for(share, self.alpha)

    def seconds(self, share: float) -> float | None:
        """Processor seconds of a sweep that excludes the share."""
        return None if self.instance is None else self.instances(share) * self.instance

    @property
    def is_coarse(self) -> bool:
        """Whether more than the finest share could fail unseen."""
        return self.share is None or self.share > FINEST

    @property
    def why(self) -> Text:
        """Why the share is not the finest."""
        finest, coarsest = (_seconds(self.seconds(share)) for share in (FINEST, COARSEST))
        if self.share is None:
            return Text(
                f"1 % would take {finest} s, and even 50 % takes {coarsest} s",
                f"1% 需 {finest} 秒，即使 50% 也需 {coarsest} 秒",
            )
        return Text(f"1 % would take {finest} s", f"1% 需 {finest} 秒")


def universal() -> list[Row]:
    """The claims about more instances than they list, in the order of the contents."""
    examiner = of_the_suite()
    return [
        Row(claim, claim.share, claim.spends.instance, examiner.shares(claim).alpha)
        for claim in whole_suite()
        if claim.share is not None or claim.spends.instance is not None
    ]


def tables() -> dict[str, Table]:
    """The claims whose share is above 1 %, the costliest first, and those whose is not."""
    rows = universal()
    coarse = sorted(
        (row for row in rows if row.is_coarse), key=lambda row: -(row.seconds(FINEST) or 0)
    )
    fine = [row for row in rows if not row.is_coarse]
    costliest = coarse[0]
    values = {
        "claims": len(whole_suite()), "universal": len(rows), "fine": len(fine),
        "coarse": sum(row.share is not None for row in coarse),
        "unswept": sum(row.share is None for row in coarse),
        "spent": sum(row.seconds(row.share) or 0 for row in rows if row.share is not None),
        "limit": SWEEP, "costliest": costliest.claim.id, "instance": costliest.instance,
        "finest": costliest.seconds(FINEST),
    }  # fmt: skip
    above = ((row.claim.id, _percent(row.share), *_sample(row), row.why) for row in coarse)
    below = ((row.claim.id, _percent(row.share), *_sample(row)) for row in fine)
    return {
        "shares-above": made("shares-above", above, values),
        "shares-finest": made("shares-finest", below, values),
    }


def _sample(row: Row) -> tuple[int | None, float | None]:
    return (None, None) if row.share is None else (row.instances(row.share), row.seconds(row.share))


def _percent(share: float | None) -> Cell:
    return "none" if share is None else percent(share)


def _seconds(value: float | None) -> str:
    return "?" if value is None else f"{value:.0f}" if value >= 10 else f"{value:.2g}"


if __name__ == "__main__":
    write_tables(FILE, tables())
    write(pages(["shares"]))
