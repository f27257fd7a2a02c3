"""One example through each chain, and initialisers of a stated deviation."""

from typing import Any

import numpy as np
import torch

from claims.numerical_stability.experiments import chains
from harness.blocks.streams import Stream
from harness.primitives.initialization import plain_normal
from harness.training.chains.propagation import propagate

STREAM = Stream(b"chains")


def identity(fan_in: int, fan_out: int, *_: Any, replicates: int, **options: Any) -> torch.Tensor:
    return torch.eye(fan_out, fan_in, dtype=options["dtype"]).expand(replicates, -1, -1)


def test_a_chain_of_identities_that_doubles_multiplies_the_squares_by_four() -> None:
    run = chains.through(propagate, identity, lambda z: 2 * z, 3, 5, 4, STREAM)
    assert run.forward.shape == (4, 4)
    np.testing.assert_allclose(run.forward / run.forward[:, :1], [[1.0, 4.0, 16.0, 64.0]] * 4)


def test_a_chain_has_the_widths_that_are_asked_for() -> None:
    told = chains.through_widths(_tells, identity, None, [5, 3, 2], 4, STREAM)
    assert told == {"widths": [5, 3, 2], "replicates": 4, "examples": 1}


def test_equal_widths_are_a_width() -> None:
    one = chains.through(propagate, plain_normal, None, 2, 6, 3, STREAM)
    other = chains.through_widths(propagate, plain_normal, None, [6, 6, 6], 3, STREAM)
    np.testing.assert_array_equal(one.forward, other.forward)


def test_the_deviation_scales_the_weights() -> None:
    wide, narrow = (
        chains.with_std(plain_normal, std)(7, 5, torch.Generator().manual_seed(3))
        for std in (2.0, 0.5)
    )

    torch.testing.assert_close(wide, 4 * narrow)


def _tells(
    widths: Any, initializer: Any, activation: Any, replicates: int, *_: Any, **more: Any
) -> dict[str, Any]:
    assert initializer is identity
    assert activation is None
    return {"widths": widths, "replicates": replicates, "examples": more["examples"]}
