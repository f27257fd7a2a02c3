"""What the fixtures `trial` and `same` do: single statements, with stated error rates.

Nothing here loads torch. The sample follows from the margin and the error rates; it is drawn by
the functions that a statement is about.
"""

import inspect
import math
import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from harness.blocks.streams import block_stream
from harness.declaration.relations import INSIDE
from harness.same.comparison import Comparison, same
from harness.same.sides import Given
from harness.statistics.comparison.sameness import Answer
from harness.statistics.comparison.two_laws import SameLawTest
from harness.statistics.evidence import Evidence, Floats, StatisticalTest, Verdict, decide
from harness.statistics.planning import goes_on
from harness.statistics.tests.binomial import RateTest
from harness.statistics.tests.bounded import BoundedEquivalenceTest, BoundedMeanTest
from harness.statistics.tests.variance import GaussianVarianceTest
from harness.text import counted

Draws = Callable[..., Any]
"""A function of n that returns n independent observations, an array or a tensor of shape (n,).

One with a second argument is given a `numpy.random.Generator`, derived from the salt, the test
and the place of the statement in it, so that the same command draws the same sample.
"""
MOST = 1 << 20  # observations that are asked for at once
LOOKS = 8  # blocks of a sequential trial, roughly


class Statements:
    """The statements of one test. Each returns its evidence, or lets the test fail and says why.

    `share` bounds the probability that any of them is wrong, each way: the k-th may err with
    share / (k (k + 1)), and these add up to the share.
    """

    def __init__(self, test: str, salt: str, share: float) -> None:
        self.test, self.salt, self.share = test, salt, share
        self.spent: list[float] = []

    def rate(self, draws: Draws, *, equals: float, within: float) -> Evidence:
        """The event that `draws` observes, as booleans, has this rate within the margin."""
        said = f"the rate equals {equals:g} within {within:g}"
        test = self._made(said, lambda: RateTest(equals, within=within, inside=INSIDE))
        return self._examined(said, test, draws)

    def mean(
        self, draws: Draws, *, equals: float, within: float, low: float, high: float
    ) -> Evidence:
        """The mean of what is drawn, which lies in [low, high], is this one within the margin."""
        said = f"the mean equals {equals:g} within {within:g}"
        test = self._made(said, lambda: BoundedEquivalenceTest(low, high, equals, within, INSIDE))
        return self._examined(said, test, draws)

    def variance(
        self,
        draws: Draws,
        *,
        equals: float,
        within: float,
        low: float | None = None,
        high: float | None = None,
    ) -> Evidence:
        """The variance of what is drawn is this one within the margin.

        What is drawn lies in [low, high]; without them it must be Gaussian, and its mean is free.
        """
        said = f"the variance equals {equals:g} within {within:g}"
        if low is None or high is None:
            gaussian = self._made(said, lambda: GaussianVarianceTest(1 + within / equals, INSIDE))

            def spread(values: Floats) -> tuple[float, int]:
                return float(np.square(values - values.mean()).sum()) / equals, len(values) - 1

            return self._examined(said, gaussian, draws, spread, more=1)
        most = (high - low) ** 2 / 2  # of (x - y)^2 / 2, whose mean is the variance
        test = self._made(said, lambda: BoundedEquivalenceTest(0.0, most, equals, within, INSIDE))
        return self._examined(
            said, test, draws, lambda values: np.square(values[::2] - values[1::2]) / 2, each=2
        )

    def same_law(self, a: Draws, b: Draws, *, within: float = 0.02) -> Evidence:
        """`a` and `b` draw from one law, told from two that are `within` apart (Kolmogorov)."""
        said = f"both draw from one law, within a Kolmogorov distance of {within:g}"
        share = self._next_share()
        test = self._made(said, lambda: SameLawTest(within))
        n = test.observations(share, share)
        samples = [self._drawn(said, draws, n, side) for side, draws in enumerate((a, b))]
        return self._decided(said, test.evidence(*samples, share), share)

    def more_often(self, a: Draws, b: Draws, *, by: float = 0.1) -> Evidence:
        """The event of `a` is likelier than that of `b`, told from likelier by `by` or more."""
        said = f"the first event is likelier than the second (by {by:g} or more)"
        test = self._made(said, lambda: BoundedMeanTest(-1.0, 1.0, null=0.0, alternative=by))
        return self._examined(said, test, a, against=b)

    def same(
        self, before: Given, after: Given, within: Mapping[str, str | float], **how: Any
    ) -> Comparison:
        """Two training functions, or one and stored runs, behave the same within the margins.

        `how` is `pairs`, `paired` and `file` of `chapter_and_verse.same`.
        """
        share = self._next_share()
        how |= {"error": share, "salt": f"{self.salt} {self.test} {len(self.spent)}"}
        found: Comparison = self._made("same", lambda: same(before, after, within, **how))
        if found.answer is not Answer.SAME:
            pytest.fail("\n".join([str(found), *self._repeated(share)]), pytrace=False)
        return found

    def _examined(
        self,
        said: str,
        test: StatisticalTest,
        draws: Draws,
        observed: Callable[[Floats], Any] = lambda values: values,
        *,
        against: Draws | None = None,
        each: int = 1,
        more: int = 0,
    ) -> Evidence:
        """Draw what the plan asks for, block by block where the test may be read after each.

        An observation takes `each` values, and the sample `more` beside them.
        """
        share, test = self._next_share(), test.with_three_answers()
        plan = test.plan(share, share)
        block = max(1, math.ceil(plan.observations / LOOKS)) if test.sequential else plan.cap
        summary, index = None, 0
        while True:
            values = self._drawn(said, draws, block * each + more, 2 * index)
            if against is not None:
                values = values - self._drawn(said, against, block * each, 2 * index + 1)
            fresh = self._made(said, lambda: test.summarise(observed(values)))  # noqa: B023
            summary = fresh if summary is None else test.combine(summary, fresh)
            index += 1
            evidence = test.evidence(summary, share, share)
            undecided = decide(evidence, share, share) is Verdict.UNDECIDED
            if not (test.sequential and undecided and goes_on(plan, evidence, share, share)):
                return self._decided(said, evidence, share)

    def _drawn(self, said: str, draws: Draws, n: int, index: int) -> Floats:
        """So many observations, in pieces that fit into memory."""
        key = f"statement {len(self.spent)}"
        stream = block_stream(self.salt, self.test, key, "cpu", index)
        given = (stream.numpy(),) if _takes_a_generator(draws) else ()
        pieces = []
        for start in range(0, n, MOST):
            size = min(MOST, n - start)
            values = draws(size, *given)
            if hasattr(values, "detach"):  # a tensor
                values = values.detach().cpu().numpy()
            piece = np.asarray(values, dtype=np.float64)
            if piece.shape != (size,):
                pytest.fail(
                    f"{said}: asked for {size} observations, the function returned the shape "
                    f"{piece.shape}; return an array of shape (n,)",
                    pytrace=False,
                )
            pieces.append(piece)
        return np.concatenate(pieces)

    def _next_share(self) -> float:
        k = len(self.spent) + 1
        self.spent.append(self.share / (k * (k + 1)))
        return self.spent[-1]

    def _decided(self, said: str, evidence: Evidence, share: float) -> Evidence:
        verdict = decide(evidence, share, share)
        if verdict not in (Verdict.CONFIRMED, Verdict.WEAKER):  # both are within the margin
            low, high = evidence.interval
            what = "is refuted" if verdict is Verdict.REFUTED else "is neither shown nor refuted"
            lines = [
                f"{said}: {what}",
                f"  estimate   {evidence.estimate:.6g} in [{low:.6g}, {high:.6g}], "
                f"after {counted(evidence.observations, 'observation')}",
                *self._repeated(share),
            ]
            if verdict is Verdict.UNDECIDED:
                lines.append("  next       the truth is near the margin's edge; state a wider one")
            pytest.fail("\n".join(lines), pytrace=False)
        return evidence

    def _repeated(self, share: float) -> Iterator[str]:
        yield f"  errors     wrong with probability {share:.2g} at most, each way"
        repeat = f"python -m pytest {shlex.quote(self.test)} --claims-salt={self.salt}"
        yield f"  repeat     {repeat}"

    def _made(self, said: str, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except (ValueError, ZeroDivisionError) as error:
            problem = f"{said}: {error}"
        pytest.fail(problem, pytrace=False)


def _takes_a_generator(draws: Draws) -> bool:
    try:
        parameters = inspect.signature(draws).parameters.values()
    except (TypeError, ValueError):  # a builtin without a signature
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [one for one in parameters if one.kind in positional and one.default is one.empty]
    return len(needed) > 1
