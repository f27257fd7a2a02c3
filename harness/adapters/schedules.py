"""Schedules of the learning rate as roles: objects that are stepped, functions of the count."""

import copy
import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import torch

from harness.adapters.conventions import Conventions
from harness.declaration.not_applicable import NotApplicableError


def stepped(thing: Any, conventions: Conventions) -> Callable[..., float]:
    """A function (optimizer, total, warmup, floor) that makes a torch.optim.lr_scheduler.

    Its optimiser begins with the peak. `resumed`: state_dict() of both goes into new ones.
    A setting that the function is not for it may decline with a NotApplicableError.
    """

    def made(total: int, warmup: int, peak: float, floor: float) -> tuple[Any, Any]:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak)
        return optimizer, thing(optimizer, total, warmup, floor)

    def walk(told: tuple[int, int, float, float], resumed: int | None) -> Iterator[float]:
        optimizer, schedule = made(*told)
        for done in itertools.count():
            if done == resumed:
                if not hasattr(schedule, "state_dict"):
                    raise NotApplicableError(f"{type(schedule).__name__} has no state_dict()")
                saved = copy.deepcopy((optimizer.state_dict(), schedule.state_dict()))
                optimizer, schedule = made(*told)
                optimizer.load_state_dict(saved[0])
                schedule.load_state_dict(saved[1])
            yield float(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()

    # Steps are asked for one by one, in any order: a run is walked once.
    walked = functools.lru_cache(maxsize=4)(lambda *told: (walk(*told), list[float]()))

    def call(
        step: int, total: int, warmup: int, peak: float, floor: float = 0.0,
        resumed: int | None = None,
    ) -> float:  # fmt: skip
        rates, seen = walked((total, warmup, peak, floor), resumed)
        try:
            seen.extend(itertools.islice(rates, max(0, step + 1 - len(seen))))
        except Exception:
            walked.cache_clear()  # a walk that raised is over, and the next call would find its end
            raise
        return seen[step]

    return call


def counted(thing: Any, conventions: Conventions) -> Callable[..., float]:
    """A function (total, warmup, peak, floor) that makes a function of the count of steps."""

    def call(
        step: int, total: int, warmup: int, peak: float, floor: float = 0.0,
        resumed: int | None = None,
    ) -> float:  # fmt: skip
        return float(thing(total, warmup, peak, floor)(step))

    return call
