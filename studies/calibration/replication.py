"""The same names give the same bits, other names other and uncorrelated ones."""

import itertools
import time
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.blocks.streams import block_stream
from harness.text import Text
from harness.trial.conditions import Conditions, Shares
from harness.trial.examination import examine
from reports.tables import Table
from studies.calibration import edge_claims
from studies.tables import made

Floats = npt.NDArray[np.float64]

DRAWS = 4096
STREAMS = 64
FALSE_ALARM = 1e-9  # of one row of correlations, were the streams independent


PLACES = {"block": "块", "claim": "论断", "setting": "设置"}


def digests(salt: str) -> list[str]:
    """The digest of every edge claim's trial with the reference implementation."""
    conditions = Conditions(salt=salt)
    return [
        examine(claim, conditions, Shares(0.05, 0.05)).trials[0].digest
        for claim in edge_claims.CLAIMS
    ]


def names(what: str) -> list[tuple[str, str, str, str, int]]:
    """Stream names that differ in one place only: block, claim, setting, salt or device."""
    plain: tuple[Any, ...] = ("salt", "claim", "{}", "cpu", 0)
    place = ("salt", "claim", "setting", "device", "block").index(what)
    made = []
    for index in range(STREAMS):
        changed = list(plain)
        changed[place] = index if what == "block" else f"{what}-{index}"
        made.append(tuple(changed))
    return made


def draws_of(name: tuple[str, str, str, str, int], library: str) -> Floats:
    """DRAWS numbers from U(0, 1), by NumPy's generator or torch's."""
    stream = block_stream(*name)
    if library == "numpy":
        return stream.numpy().random(DRAWS)
    import torch

    return np.asarray(torch.rand(DRAWS, generator=stream.torch(), dtype=torch.float64).numpy())


def largest_correlation(draws: Floats) -> float:
    """The largest |correlation| over all pairs of rows, at shifts 0 and 1 of one against another.

    A shift of 1 sees a stream that is another one a step later.
    """
    centred = (draws - 0.5) * 12**0.5  # U(0, 1) has variance 1/12
    n = draws.shape[1]
    largest = 0.0
    for shift in (0, 1):
        products = centred[:, : n - shift] @ centred[:, shift:].T / (n - shift)
        np.fill_diagonal(products, 0.0)
        largest = max(largest, float(np.abs(products).max()))
    return largest


def limit(pairs: int) -> float:
    """What the largest of `pairs` correlations exceeds with probability FALSE_ALARM at most.

    By Bonferroni and the normal law of a mean of 4096 bounded products.
    """
    from scipy.stats import norm

    return float(norm.isf(FALSE_ALARM / (2 * pairs)) / np.sqrt(DRAWS - 1))


def table() -> Table:
    """The table of all replication checks."""
    started = time.process_time()
    first, again, other = digests("one"), digests("one"), digests("two")
    noisy = [i for i, claim in enumerate(edge_claims.CLAIMS) if "relu" not in claim.roles]
    same = sum(a == b for a, b in zip(first, again, strict=True))
    # The identities have one observation whatever is drawn: all ratios are 0.
    differ = sum(first[i] != other[i] for i in noisy)
    rows: list[tuple[Any, ...]] = [
        (
            Text("same salt twice: equal digests", "同一盐两次：摘要相同"),
            same,
            len(first),
            same == len(first),
        ),
        (
            Text("two salts: different digests", "两个盐：摘要不同"),
            differ,
            len(noisy),
            differ == len(noisy),
        ),
    ]  # fmt: skip
    pairs = 2 * STREAMS * STREAMS
    for library, what in itertools.product(("numpy", "torch"), PLACES):
        largest = largest_correlation(np.stack([draws_of(n, library) for n in names(what)]))
        rows.append(
            (Text(f"{library}: largest correlation of {STREAMS} streams that differ in the {what}",
                  f"{library}：{PLACES[what]}不同的 {STREAMS} 个流之间的最大相关系数"),
             largest, limit(pairs), largest <= limit(pairs))
        )  # fmt: skip
    return made(
        "replication", rows, {"draws": DRAWS, "false_alarm": FALSE_ALARM},
        holds=all(row[-1] for row in rows), seconds=time.process_time() - started,
    )  # fmt: skip
