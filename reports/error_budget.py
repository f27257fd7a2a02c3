"""What the records say about the run's probability of a wrong verdict."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.records.record import Record
from harness.text import Text
from reports.numbers import number

RUNS = 10_000


@dataclass(frozen=True)
class Share:
    """So many trials, and the sums of their shares of false verdicts."""

    trials: int
    alpha: float
    beta: float


def spent(records: Sequence[Record]) -> Share:
    """The union bound over all trials: their shares added up."""
    return Share(
        trials=len(records),
        alpha=sum(record.alpha for record in records),
        beta=sum(record.beta for record in records),
    )


def sentence(share: Share) -> Text:
    """The budget as a reader can picture it: wrong verdicts in ten thousand runs."""
    wrong = number((share.alpha + share.beta) * RUNS, 2)
    return Text(
        f"at most {wrong} expected wrong verdicts in 10 000 runs "
        f"(α {number(share.alpha, 2)}, β {number(share.beta, 2)} per run)",
        f"10 000 次运行中，预期错误判定至多 {wrong} 个"
        f"（每次运行 α {number(share.alpha, 2)}，β {number(share.beta, 2)}）",
    )
