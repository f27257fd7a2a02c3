"""What a block's claim compares, as pictures: each replicate's two sides, and how they came there.

A claim hands in whether its sentence came true; what it compared to say so is kept beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from harness.declaration.claim import Claim
from harness.declaration.comparisons import Comparison
from harness.declaration.exhibits import (
    Array,
    Compared,
    Curve,
    Exhibit,
    Line,
    Outcomes,
    Sides,
    as_array,
)
from harness.text import Text
from harness.training.history import LinearHistory, NetHistory

ONE, OTHER = Text("one side", "一方"), Text("the other side", "另一方")
UNNAMED = Sides(ONE, OTHER, Text("as measured", "按测量值"))
EPOCH = Text("epoch", "轮数")
PATHS = Text("From epoch to epoch", "逐轮变化")
RUNS = {
    "train_loss": Text("training loss", "训练损失"),
    "test_loss": Text("test loss", "测试损失"),
    "train_accuracy": Text("training accuracy", "训练精度"),
    "test_accuracy": Text("test accuracy", "测试精度"),
}


def pictures_of(
    claim: Claim,
    kept: Sequence[Comparison],
    observation: Any,
    own: Sequence[Exhibit],
    histories: Sequence[LinearHistory | NetHistory],
) -> Iterator[Exhibit]:
    """A `Compared` for each comparison of whole replicates, and the training that led to them.

    A claim that draws curves of its own has shown the training already.
    """
    named = (*claim.compares, *[UNNAMED] * len(kept))
    pairs = list(zip(named, kept, strict=False))
    compared = [_compared(*pair, observation, claim.block) for pair in pairs]
    yield from filter(None, compared)
    if not any(compared) and not own and claim.holds.kind.startswith("probability"):
        yield from _outcomes(observation, claim.block)
    if claim.compares and not any(isinstance(exhibit, Curve) for exhibit in own):
        yield from _paths(pairs, histories)


def _outcomes(observation: Any, replicates: int) -> Iterator[Outcomes]:
    """What came of each replicate, of a claim that shows no more of it."""
    if isinstance(observation, Mapping | tuple):
        return
    event = np.asarray(observation)
    if event.dtype == np.bool_ and event.shape == (replicates,):
        yield Outcomes(event)


def _compared(sides: Sides, one: Comparison, observation: Any, replicates: int) -> Compared | None:
    if {one.above.shape, one.below.shape} - {
        (),
        (replicates,),
    } or not one.above.ndim + one.below.ndim:
        return None
    if np.ndim(one.factor) or np.ndim(one.margin):
        return None
    above, below = (
        np.broadcast_to(_known(side), (replicates,)).copy() for side in (one.above, one.below)
    )
    result = above > one.factor * below + one.margin
    happened = _event(observation, result)
    if happened is None:
        return None
    return Compared(sides, above, below, one.factor, one.margin, happened)


def _known(side: Array) -> Array:
    """A loss that is not finite is the largest there is, as `metrics.arrays` has it."""
    return np.where(np.isfinite(side), side, np.inf)


def _event(observation: Any, result: Any) -> Any:
    """What was observed of each replicate; of several parts, of the one that the comparison is."""
    if not isinstance(observation, Mapping):
        event = np.asarray(as_array(observation))
        return event > 0 if event.shape == result.shape else None
    for part in observation.values():
        event = np.asarray(part) if not isinstance(part, tuple | Mapping) else result[:0]
        if event.shape == result.shape and ((event == result).all() or (event != result).all()):
            return event > 0
    return None


def _paths(
    pairs: Sequence[tuple[Sides, Comparison]], histories: Sequence[LinearHistory | NetHistory]
) -> Iterator[Curve]:
    """The runs behind the sides that are values of one: a line a run, over the same epochs.

    A line has its side's name, or what it measures where two sides are values of one run.
    """
    names: dict[int, Text] = {}
    paths: dict[int, Array] = {}
    epochs, unit = None, pairs[0][0].unit if pairs else Text("", "")
    for sides, one in pairs:
        for name, side in ((sides.above, one.above), (sides.below, one.below)):
            found = _behind(side, histories)
            if found is None or sides.unit != unit:
                continue
            if epochs is None:
                epochs = found[0]
            if np.array_equal(epochs, found[0]):
                path = found[1]
                known = names.setdefault(id(path), name)
                if known != name:
                    names[id(path)] = RUNS[found[2]]
                paths[id(path)] = path
    if epochs is not None and len(epochs) > 1:
        positive = not any((path <= 0).any() for path in paths.values())
        marks = {name: at for sides, _ in pairs for name, at in sides.marks.items()}
        shown = tuple(Line(names[key], path.copy()) for key, path in paths.items())
        title = Text(
            f"{PATHS.en}: {'; '.join(line.name.en for line in shown)}",
            f"{PATHS.zh}：{'；'.join(line.name.zh for line in shown)}",
        )
        yield Curve(title, epochs, shown, EPOCH, unit, log_y=positive, marks=marks, added=True)


def _behind(side: Array, histories: Sequence[LinearHistory | NetHistory]) -> Any:
    """(epochs, path, what it measures) of the run that the side is a column of."""
    for history in histories:
        for measure in RUNS:
            path = getattr(history, measure, None)
            if path is not None and side.ndim == 1 and np.may_share_memory(side, path):
                return history.epochs, path, measure
    return None
