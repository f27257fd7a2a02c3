"""What a claim compares is kept beside its observation: dots, runs, or the bare outcomes."""

from typing import Any

import numpy as np

from examples import toys
from harness.blocks.block import measure
from harness.blocks.task import Block
from harness.declaration.claim import Claim
from harness.declaration.exhibits import Compared, Curve, Outcomes, Sides
from harness.metrics import arrays
from harness.records.dots import dots_of
from harness.text import Text
from harness.training.history import LinearHistory
from harness.trial.conditions import Conditions, Shares
from harness.trial.examination import examine
from harness.trial.measuring import task_of

SIDES = Sides(Text("this loss", "此损失"), Text("that loss", "彼损失"), Text("nats", "纳特"))


def comparing(event: Any, *, sides: int = 1) -> Claim:
    """A claim whose event is a function of two arrays of losses."""

    @toys.toy("toy", "This loss is larger", "此损失更大", compares=(SIDES,) * sides)
    def this_loss_is_larger(relu: Any, replicates: int, stream: Any) -> Any:
        paths = stream.numpy().random((2, replicates, 5)) + 0.5
        epochs = np.arange(1, 6)
        nothing = np.zeros((replicates, 1))
        these, those = (
            LinearHistory.of(epochs, path, path + 1, nothing, None, "test") for path in paths
        )
        return event(these, those)

    return this_loss_is_larger


def block_of(claim: Claim, **setting: Any) -> Block:
    return measure(claim, task_of(claim, Conditions(), setting, 0))


def larger(these: Any, those: Any) -> Any:
    return arrays.exceeds(these.train_loss[:, -1], those.train_loss[:, -1])


def test_both_sides_of_a_comparison_and_the_runs_behind_them_are_shown() -> None:
    dots, runs = block_of(comparing(larger)).exhibits

    assert isinstance(dots, Compared)
    assert dots.sides == SIDES
    assert np.array_equal(dots.happened, dots.above > dots.below)
    assert isinstance(runs, Curve)
    assert [line.name.en for line in runs.lines] == ["this loss", "that loss"]
    assert np.array_equal(runs.lines[0].y[:, -1], dots.above)
    assert runs.x_label.en == "epoch"


def test_two_values_of_one_run_are_one_line_with_the_name_of_what_it_measures() -> None:
    def rises(these: Any, those: Any) -> Any:
        return arrays.exceeds(these.train_loss[:, -1], these.train_loss[:, 0])

    _, runs = block_of(comparing(rises)).exhibits

    assert isinstance(runs, Curve)
    assert [line.name.en for line in runs.lines] == ["training loss"]
    assert runs.title.en == "From epoch to epoch: training loss"


def test_a_claim_that_compares_nothing_shows_what_came_of_each_replicate() -> None:
    (shown,) = block_of(toys.coin(0.5)).exhibits
    assert isinstance(shown, Outcomes)
    assert shown.values.shape == (4,)


def test_a_block_without_an_event_shows_nothing_of_its_own() -> None:
    assert not block_of(toys.bits(), p=0.1).exhibits


def test_the_side_that_the_sentence_asks_for_follows_from_what_happened() -> None:
    def not_larger(these: Any, those: Any) -> Any:
        return ~larger(these, those)

    def both(these: Any, those: Any) -> Any:
        return larger(these, those) & arrays.exceeds(these.test_loss[:, -1], those.test_loss[:, -1])

    def asked(event: Any, sides: int = 1) -> list[str]:
        rates = Shares(1e-3, 1e-3)
        trial = examine(comparing(event, sides=sides), Conditions(), rates).trials[0]
        return [dots.asks for dots in dots_of(trial)]

    assert asked(larger) == ["above"]
    assert asked(not_larger) == ["below"]
    assert asked(both, 2) == ["corner"]
    assert asked(lambda a, b: larger(a, b) ^ (a.train_loss[:, 0] > 1)) == [""]
