"""Where the blocks of a trial are measured: by workers, or by the process that asks."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.blocks.block import is_found_by_name, measure, warning_filters
from harness.blocks.task import Block, Sweeping, Task
from harness.declaration.claim import Claim
from harness.failures import is_out_of_memory
from harness.trial.conditions import Conditions
from harness.workers.scheduler import measure_with_all_memory

DEAR = 6.0  # seconds of a block: one that is declared to take more may take as many times longer


def task_of(
    claim: Claim,
    conditions: Conditions,
    setting: Mapping[str, Any],
    index: int,
    sweep: Sweeping | None = None,
) -> Task:
    """The block of that index, as a worker is asked for it."""
    return Task(
        claim.measure.__module__,
        claim.name,
        setting,
        conditions.salt,
        conditions.device,
        index,
        conditions.implementation.replaced,
        conditions.images,
        conditions.block_limit * max(1.0, claim.spends.seconds / DEAR),
        conditions.implementation.objects,
        warning_filters() if conditions.scheduler is not None else (),
        sweep=sweep,
        folder=conditions.folder,
        capability=conditions.capability,
    )


def blocks_of(
    claim: Claim,
    conditions: Conditions,
    setting: Mapping[str, Any],
    indices: range,
    wanted: Callable[[], int],
    sweep: Sweeping | None = None,
) -> Iterator[Block]:
    """The blocks one after another; `wanted()` says how many more are probably read."""

    def task(index: int) -> Task:
        return task_of(claim, conditions, setting, index, sweep)

    if conditions.scheduler is None or stays_here(claim, conditions):
        return (measure_here(claim, task(index)) for index in indices)
    return conditions.scheduler.blocks(task, indices.start, indices.stop, wanted)


def stays_here(claim: Claim, conditions: Conditions) -> bool:
    """True for what no worker could find by name, and for an accelerator of this machine.

    More processes on one accelerator only get in each other's way.
    """
    if conditions.implementation.objects or not is_found_by_name(claim):
        return True
    scheduler = conditions.scheduler
    return scheduler is not None and scheduler.is_local and conditions.device != "cpu"


def measure_here(claim: Claim, task: Task) -> Block:
    """The block; without memory for it, from a process that has all, if that finds the claim."""
    try:
        return measure(claim, task)
    except Exception as error:  # whatever a primitive raises
        if not is_out_of_memory(error) or task.objects or not is_found_by_name(claim):
            raise
        return measure_with_all_memory(task, error)
