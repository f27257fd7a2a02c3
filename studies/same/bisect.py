"""How often `bisect` names a wrong commit, and how many pairs it takes, beside `git bisect`."""

import functools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from harness.statistics.comparison.first_change import Search
from harness.statistics.comparison.margins import margin
from harness.statistics.comparison.sameness import HALF, SURE, Answer, Found, Part, Signs
from harness.statistics.evidence import Floats
from harness.statistics.tests.counts import log_e_above

COMMITS = (64, 256, 1024)
NOISES = (0.0, 0.1, 0.2)  # of a commit's pairs: how many lie on the wrong side of the edge
RATE = 1e-3
MOST = 512  # pairs of one commit in the grid of evidence
LOSS = margin("loss", "5%")


@functools.cache
def _evidence() -> Floats:
    """The evidence, in nats, of k of n signs: [n, k], as `compared` reads it."""
    n = np.arange(MOST + 1)
    return log_e_above(np.minimum(n[None, :], n[:, None]), n[:, None], HALF, SURE)


def found(beyond: int, pairs: int, before: Found | None, share: float) -> Found:
    """What `compared` finds of one statistic whose pairs lie inside, or above the upper edge."""
    needed = math.log(1 / share), math.log(2 / share)
    same, changed = (float(_evidence()[pairs, k]) for k in (pairs - beyond, beyond))
    if before:
        same, changed = max(same, before.parts[0].same), max(changed, before.parts[0].changed)
    answer = Answer.SAME if same >= needed[0] else Answer.UNDECIDED
    answer = Answer.CHANGED if changed >= needed[1] else answer
    signs = Signs(pairs - beyond, beyond, 0, 0, 0)
    part = Part(LOSS, answer, 0, None, None, (-math.inf, math.inf), signs, same, changed)
    return Found(answer, pairs, (part,), needed)


def search(
    commits: int,
    first: int,
    beyond: tuple[float, float],
    rate: float,
    rng: np.random.Generator,
    most: int = 100_000,
) -> tuple[Search, int]:
    """A search; pairs of commits before the change, and behind it, lie beyond in these shares."""
    found_by, pairs = Search(commits, rate), 0
    while pairs < most and (at := found_by.next()) is not None:
        one = found_by.looked[at]
        hit = int(rng.random() < beyond[at >= first])
        found_by.learn(at, found(one.beyond + hit, one.pairs + 1, one.found, one.share))
        pairs += 1
    return found_by, pairs


def least(commits: int, noise: float, rate: float) -> float:
    """The pairs that no search goes below, asymptotically.

    (1 - rate) ln(commits) / C + 2 ln(1 / rate) / D (Gu & Xu, STOC 2023, Theorem 3), where a pair
    tells at most C = ln 2 - h(noise) nats about which side of the change a commit stands, and
    D is what it tells against the nearest law of the other side. That law is not known to be as
    noisy: its median may be at the edge, so that D = ln 2 - h(noise) as well. Two commits have to
    be told apart from their neighbours: the first that changed, and the one before it.
    """
    h = -sum(p * math.log(p) for p in (noise, 1 - noise) if p)
    return ((1 - rate) * math.log(commits) + 2 * math.log(1 / rate)) / (math.log(2) - h)


def halved(commits: int, first: int, noise: float, repeats: int, rng: np.random.Generator) -> int:
    """What `git bisect` names where each step is the majority of so many pairs."""
    good, bad = 0, commits
    while bad - good > 1:
        middle = (good + bad) // 2
        wrong = rng.binomial(repeats, noise) * 2 > repeats
        good, bad = (good, middle) if (middle >= first) ^ wrong else (middle, bad)
    return bad


def power_rows(runs: int) -> Iterator[tuple[Any, ...]]:
    """Commits, noise, searches, wrong, commits looked at, pairs, the bound, their ratio; git's.

    `git bisect` has as many pairs or more: the next odd number of repeats a step.
    """
    for commits in COMMITS:
        for noise in NOISES:
            rng = np.random.default_rng([commits, round(100 * noise)])
            wrong = wrong_git = looked = spent = 0
            firsts = rng.integers(1, commits + 1, runs).tolist()
            for first in firsts:
                by, pairs = search(commits, first, (noise, 1 - noise), RATE, rng)
                wrong += by.between != (first - 1, first)
                looked += len(by.looked)
                spent += pairs
            mean = spent / runs
            repeats = 2 * math.ceil((mean / math.log2(commits) - 1) / 2) + 1
            wrong_git = sum(
                halved(commits, first, noise, repeats, rng) != first for first in firsts
            )
            bound = least(commits, noise, RATE)
            yield (
                commits, noise, runs, wrong, looked / runs, mean, bound, mean / bound,
                repeats, wrong_git,
            )  # fmt: skip


def edge_rows(runs: int) -> Iterator[tuple[Any, ...]]:
    """Commits, which lie at the edge, rate, searches, wrong ones, as many as a right rate allows.

    A sign of a commit at the edge is a fair coin, the worst law of either answer.
    """
    from scipy.stats import binom

    rate = 0.05
    for commits in COMMITS:
        for name, beyond in (("before the change", (0.5, 1.0)), ("from the change on", (0.0, 0.5))):
            rng = np.random.default_rng([commits, beyond[1] == 0.5])
            wrong = 0
            for first in rng.integers(1, commits + 1, runs).tolist():
                by, _ = search(commits, first, beyond, rate, rng, most=256)
                same, changed = by.between
                wrong += bool(same >= first or changed < first)
            yield commits, name, runs, wrong, int(binom.isf(1e-4, runs, rate))
