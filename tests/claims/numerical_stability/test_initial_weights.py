"""Weights are drawn in whole layers, from the stream's own numbers."""

import numpy as np

from claims.numerical_stability.experiments.initial_weights import drawn
from harness.blocks.streams import Stream
from harness.primitives.initialization import he_normal

STREAM = Stream(b"initial weights")


def test_there_are_enough_weights_in_whole_layers() -> None:
    w = drawn(he_normal, (8, 5), "float32", 81, STREAM)
    assert w.shape == (3, 5, 8)
    assert w.dtype == np.float64


def test_the_weights_are_the_initialiser_s_in_its_precision() -> None:
    w = drawn(he_normal, (8, 5), "bfloat16", 80, STREAM)

    np.testing.assert_array_equal(w, drawn(he_normal, (8, 5), "bfloat16", 80, STREAM))
    mantissa, _ = np.frexp(w)
    np.testing.assert_array_equal(mantissa * 256, np.round(mantissa * 256))  # 8 bits and no more
