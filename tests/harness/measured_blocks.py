"""Blocks measured by themselves: claims that say what they are told, and a kind that keeps it."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable
from typing import Any, cast

from examples import toys
from harness.blocks.block import measure
from harness.blocks.task import Task
from harness.declaration.claim import Claim
from harness.declaration.relations import Relation
from harness.text import Text

PLAIN = Task("tests.harness.measured_blocks", "", {}, "salt", "cpu", 3, {}, "slice", 0.0)


class Kept:
    """A test whose summary is the observation, as it reaches a test."""

    def with_three_answers(self) -> Kept:
        return self

    def summarise(self, observation: Any) -> Any:
        return observation


def measured_by(measure: Callable[..., Any], **options: Any) -> Claim:
    """A claim that is measured by this function."""
    holds = Relation(Text("kept", "留下"), lambda setting: cast("Any", Kept()))
    return toys.toy("toy-block", "A block is measured", "测一块", holds=holds, **options)(measure)


def block_of(said: Any, **task: Any) -> Any:
    """The block of a claim that says this."""

    def a_value_is_said(relu: Any) -> Any:
        return said

    return measure(measured_by(a_value_is_said), dataclasses.replace(PLAIN, **task))


class UntoldError(Exception):
    """Is pickled and cannot be read back, whatever a library does to exceptions (tblib's can)."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")

    def __reduce__(self) -> Any:
        return UntoldError, (1,)


@measured_by
def a_claim_warns(relu: Any) -> Any:
    """Two warnings, and which of them were heard."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.warn("an old name", DeprecationWarning, stacklevel=1)
        warnings.warn("a plain one", UserWarning, stacklevel=1)
    return [str(one.message) for one in heard]


@measured_by
def a_claim_raises(relu: Any) -> Any:
    """An error that does not survive pickling."""
    raise UntoldError(1, 2)


def worker_task(name: str, **task: Any) -> Task:
    """What a worker is sent to measure the claim of that name in this module."""
    return dataclasses.replace(PLAIN, name=name, **task)
