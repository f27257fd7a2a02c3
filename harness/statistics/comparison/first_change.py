"""Which of many commits changed it? A search that spends pairs of runs where they inform.

Commits stand in order. Each that is looked at is compared with the good one by pairs of its own,
whose seeds are independent of all others', until it is SAME or CHANGED. Where to look next is a
guess from all pairs so far, and a wrong guess costs pairs, never an error.

The chance that any commit is called what it is not is at most the whole rate: before its first
pair a commit takes its share of what is left of the rate (as alpha-investing does, Foster & Stine
2008), and each keeps its own share at every number of pairs. No order of the changes is assumed:
that the commit before is SAME and this one CHANGED holds whatever lies elsewhere.
"""

import math
from dataclasses import dataclass

import numpy as np

from harness.statistics.comparison.sameness import Answer, Found
from harness.statistics.evidence import Floats

SURPRISES, PAIRS = 0.5, 10.0  # the guess before the first pair: 1 in 20 contradicts its commit
MOST_NOISE = 0.45
OPEN = math.log(4)  # how much more another commit must tell than one that is built, with its share


@dataclass(frozen=True)
class Looked:
    """A commit that was looked at: its share of the rate, and what its pairs came to."""

    share: float
    found: Found | None = None

    @property
    def answer(self) -> Answer:
        """SAME, CHANGED, or UNDECIDED while its evidence grows."""
        return self.found.answer if self.found else Answer.UNDECIDED

    @property
    def pairs(self) -> int:
        """How many pairs it has had."""
        return self.found.pairs if self.found else 0

    @property
    def beyond(self) -> int:
        """Its pairs beyond an edge: of the statistic and the edge that most of them are beyond."""
        signs = [part.signs for part in self.found.parts] if self.found else []
        return max((one.apart + max(one.above, one.below) for one in signs), default=0)


class Search:
    """The search among commits 1 to `commits`, of which the last is bad; 0 is the good one."""

    def __init__(self, commits: int, rate: float) -> None:
        self.commits, self.left = commits, rate
        self.looked: dict[int, Looked] = {}
        self.unusable: set[int] = set()

    @property
    def between(self) -> tuple[int, int]:
        """The first CHANGED commit, or commits + 1, and the last SAME one before it, or 0."""
        changed = [at for at, one in self.looked.items() if one.answer is Answer.CHANGED]
        first = min(changed, default=self.commits + 1)
        same = [at for at, one in self.looked.items() if one.answer is Answer.SAME and at < first]
        return max(same, default=0), first

    def take(self, at: int, share: float, found: Found | None = None) -> None:
        """Give a commit its share of the rate, before its first pair or as it was kept."""
        self.left -= share
        self.looked[at] = Looked(share, found)

    def learn(self, at: int, found: Found) -> None:
        """Keep what the pairs of a commit that has its share came to."""
        self.looked[at] = Looked(self.looked[at].share, found)

    def next(self) -> int | None:
        """The commit that a pair would tell most about; None where no other pair would help."""
        same, first = self.between
        usable = np.setdiff1d(np.arange(same + 1, first), list(self.unusable))
        if not len(usable):
            return None
        weights = self._weights(same, first)
        up_to = np.logaddexp.accumulate(weights)
        from_ = np.logaddexp.accumulate(weights[::-1])[::-1]
        # The first change stands here or before, or it stands behind: the less likely of the two.
        tells = np.minimum(up_to[usable - same - 1], from_[usable - same])
        tells[np.isin(usable, list(self.looked))] += OPEN
        chosen = int(usable[np.argmax(tells)])
        if chosen not in self.looked:
            likely = weights - up_to[-1]
            plausible = math.exp(-float(np.sum(np.exp(likely) * likely)))  # as many equal ones
            self.take(chosen, self.left / max(2.0, plausible))
        return chosen

    def _weights(self, same: int, first: int) -> Floats:
        """Log weights, up to a constant, of the first change at same + 1, ..., first."""
        noise = self._noise()
        steps = np.zeros(first - same)
        for at, one in self.looked.items():
            if same < at < first:
                steps[at - same] = (one.pairs - 2 * one.beyond) * math.log((1 - noise) / noise)
        return np.cumsum(steps)

    def _noise(self) -> float:
        """The share of pairs that contradict most pairs of their commit."""
        looked = self.looked.values()
        against = sum(min(one.beyond, one.pairs - one.beyond) for one in looked)
        return min(MOST_NOISE, (SURPRISES + against) / (PAIRS + sum(one.pairs for one in looked)))
