"""Keras 3 on the torch backend behind the adapters."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras

from harness.adapters.adapter import adapter

dropout = adapter("dropout", keras.layers.Dropout, arrays="keras")
xavier_uniform = adapter("xavier_uniform", keras.initializers.GlorotUniform, arrays="keras")
he_uniform = adapter("he_uniform", keras.initializers.HeUniform, arrays="keras")
glorot_normal = adapter("xavier_normal", keras.initializers.GlorotNormal, arrays="keras")
relu = adapter("relu", keras.activations.relu, arrays="keras")
sigmoid = adapter("sigmoid", keras.activations.sigmoid, arrays="keras")
tanh = adapter("tanh", keras.activations.tanh, arrays="keras")
sgd = adapter("sgd", keras.optimizers.SGD, arrays="keras", decay="decoupled")
channel_dropout = adapter(
    "channel_dropout",
    partial(keras.layers.SpatialDropout2D, data_format="channels_first"),
    arrays="keras",
)


class Paths(keras.layers.Dropout):  # type: ignore[misc]
    """Keras's dropout with one mask element for each example, whatever the rank."""

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Dropout with that noise shape."""
        self.noise_shape = (None, *[1] * (len(inputs.shape) - 1))
        return super().call(inputs, training=training)


path_dropout = adapter("path_dropout", Paths, arrays="keras")
cosine_decay = adapter(
    "lr_schedule",
    lambda total, warmup, peak, floor: keras.optimizers.schedules.CosineDecay(
        peak / (warmup + 1), total - warmup, floor / peak, warmup_target=peak, warmup_steps=warmup
    ),
    arrays="keras",
)
