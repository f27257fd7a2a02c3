"""What one rank does, on as many threads as there are ranks: torch.distributed over gloo."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from typing import Any

from torch import Tensor, distributed

from harness.adapters.conventions import Conventions
from harness.declaration.not_applicable import NotApplicableError

PATIENCE = timedelta(seconds=30)  # that the other ranks have for one that never comes


def of_gloo(thing: Any, conventions: Conventions) -> Callable[..., list[list[Tensor]]]:
    """A function (gradients, count, group) of one rank that returns the gradients it steps with.

    It reduces over the group, as torch.distributed.all_reduce(g, group=group) does. Ranks are
    threads of one process with gloo between them.
    """

    def call(gradients: Sequence[Sequence[Tensor]], counts: Sequence[int]) -> list[list[Tensor]]:
        ranks = len(counts)
        own = [[g.clone() for g in rank] for rank in gradients]  # an all-reduce is in place
        try:
            with ThreadPoolExecutor(ranks) as threads:
                return list(threads.map(thing, own, counts, _groups(os.getpid(), ranks)))
        except BaseException:
            _groups.cache_clear()  # a rank that failed leaves the others out of step
            raise

    return call


@cache
def _groups(process: int, ranks: int) -> list[Any]:
    """Every rank's end of a process group; those of another process are none of this one."""
    if not (distributed.is_available() and distributed.is_gloo_available()):
        raise NotApplicableError("torch comes without gloo here")
    store = distributed.HashStore()  # type: ignore[attr-defined]

    def end(rank: int) -> Any:
        return distributed.ProcessGroupGloo(store, rank, ranks, PATIENCE)

    with ThreadPoolExecutor(ranks) as threads:  # each waits for the others
        return list(threads.map(end, range(ranks)))
