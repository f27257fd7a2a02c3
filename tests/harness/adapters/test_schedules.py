"""Schedules that are stepped: what declines a setting, and what has no state to save."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from harness.adapters.adapter import adapter
from harness.declaration.not_applicable import NotApplicableError
from harness.run.api import check_implementation


def halved(optimizer: Any, total: int, warmup: int, floor: float) -> Any:
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5**step)


def declines(optimizer: Any, total: int, warmup: int, floor: float) -> Any:
    if floor:
        raise NotApplicableError("it falls to 0")
    return halved(optimizer, total, warmup, floor)


class Stateless:
    """A schedule of one's own, without state_dict."""

    def __init__(self, optimizer: Any, total: int, warmup: int, floor: float) -> None:
        self.optimizer = optimizer
        self.count = 0
        self.told = total, warmup, optimizer.param_groups[0]["lr"], floor
        self.optimizer.param_groups[0]["lr"] = self.rate()

    def rate(self) -> float:
        total, warmup, peak, floor = self.told
        if self.count < warmup:
            return float(peak * (self.count + 1) / (warmup + 1))
        left = max(0.0, (total - self.count) / (total - warmup))
        return float(floor + (peak - floor) * left)

    def step(self) -> None:
        self.count += 1
        self.optimizer.param_groups[0]["lr"] = self.rate()


def test_a_setting_that_is_declined_is_declined_at_every_step() -> None:
    schedule = adapter("lr_schedule", declines)

    for step in (0, 3, 1):
        with pytest.raises(NotApplicableError, match="it falls to 0"):
            schedule(step, 8, 0, 1.0, 0.5)
    assert schedule(2, 8, 0, 1.0) == 0.25


def test_what_raised_on_the_way_raises_again() -> None:
    def breaks(optimizer: Any, total: int, warmup: int, floor: float) -> Any:
        def rate(step: int) -> float:
            if step > 2:
                raise ZeroDivisionError("no rate")
            return 1.0

        return torch.optim.lr_scheduler.LambdaLR(optimizer, rate)

    schedule = adapter("lr_schedule", breaks)

    for _ in range(2):
        with pytest.raises(ZeroDivisionError, match="no rate"):
            schedule(4, 8, 0, 1.0)


def test_a_schedule_without_a_state_is_right_and_its_resumption_does_not_apply() -> None:
    records = check_implementation(lr_schedule=adapter("lr_schedule", Stateless))

    verdicts = {record.claim: record.verdict for record in records}
    assert verdicts == {"tl-rate": "CONFIRMED", "tl-rate.resumed": "NOT APPLICABLE"}
    (lacking,) = [record for record in records if record.claim == "tl-rate.resumed"]
    assert lacking.error is not None
    assert "Stateless has no state_dict()" in lacking.error.message
