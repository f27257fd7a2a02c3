"""Faults of what the dropout sections use besides dropout: activations, solvers, training."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from harness.data.synthetic import gaussian_noise
from harness.metrics import nets
from harness.primitives.dropout import dropout
from harness.training.exact.least_squares import minimum_norm, ridge_regression
from harness.training.history import NetHistory
from harness.training.nets.mlp import train_mlp

Array = npt.NDArray[np.float64]


def leaks_a_constant(x: Tensor) -> Tensor:
    """A ReLU whose floor is 0.1, so that it is not positively homogeneous."""
    return x.clamp(min=0.1)


def passes_everything(x: Tensor) -> Tensor:
    """A ReLU that lost its kink: the identity."""
    return x.clone()


def has_corners(x: Tensor) -> Tensor:
    """A tanh of straight pieces: its curvature is in the corners, where no derivative sees it."""
    return x.clamp(-1.0, 1.0)


def stops_short_of_interpolation(X: npt.NDArray[Any], y: npt.NDArray[Any]) -> Array:
    """A ridge for the least norm, so that the training error is not zero."""
    return ridge_regression(X, y, 0.1, intercept=False)[0]


def knows_the_slope_of_the_first_feature_only(X: npt.NDArray[Any], y: npt.NDArray[Any]) -> Array:
    """All features but the first are ignored."""
    w = np.zeros((X.shape[0], X.shape[2]))
    w[:, :1] = minimum_norm(X[:, :, :1], y)
    return w


def forgets_all_but_a_few_samples(X: npt.NDArray[Any], y: npt.NDArray[Any]) -> Array:
    """Only as many samples as features (and two more) reach the solver."""
    few = X.shape[2] + 2
    return minimum_norm(X[:, :few], y[:, :few])


def takes_the_variance_for_the_deviation(
    shape: tuple[int, ...], std: float, rng: np.random.Generator
) -> Array:
    """N01: sigma^2 is used as sigma; invisible at one."""
    return gaussian_noise(shape, std**2, rng)


def shares_one_noise_over_the_features(
    shape: tuple[int, ...], std: float, rng: np.random.Generator
) -> Array:
    """N03: one number for the whole row of features."""
    return np.broadcast_to(gaussian_noise((*shape[:-1], 1), std, rng), shape).copy()


def trains_a_linear_net(*data: Tensor, **options: Any) -> NetHistory:
    """The activation is lost, so that a deep net is a linear one."""
    return train_mlp(*data, **{**options, "activation": passes_everything})


def does_not_train(*data: Tensor, **options: Any) -> NetHistory:
    """The update is never applied."""
    return train_mlp(*data, **{**options, "lr": 0.0})


def forgets_dropout(*data: Tensor, **options: Any) -> NetHistory:
    """D05: the drop probabilities are never handed on to the layers."""
    return train_mlp(*data, **{**options, "dropout_rates": ()})


def swaps_the_drop_probabilities(*data: Tensor, **options: Any) -> NetHistory:
    """The probabilities reach the layers from the output downwards."""
    return train_mlp(*data, **{**options, "dropout_rates": options["dropout_rates"][::-1]})


def evaluates_in_training_mode(*data: Tensor, **options: Any) -> NetHistory:
    """E01: nobody calls eval(): what is reported was measured with units dropped."""
    net = train_mlp(*data, **options)
    x, y, x_test, y_test = data
    rates = options["dropout_rates"]

    def drop(layer: int, h: Tensor) -> Tensor:
        return dropout(h, rates[layer], options["generator"])

    losses = [
        nets.cross_entropy(nets.logits(net.parameters, inputs, drop), labels)[:, None]
        for inputs, labels in ((x, y), (x_test, y_test))
    ]
    return replace(net, train_loss=losses[0], test_loss=losses[1])


def reports_before_it_trains(*data: Tensor, **options: Any) -> NetHistory:
    """What is reported after an epoch was measured before its last steps."""
    net, stale = (
        train_mlp(*data, **{**options, "generator": generator, "lr": options["lr"] * keep})
        for keep in (1.0, 0.9)
        for generator in (torch.Generator().manual_seed(options["generator"].initial_seed()),)
    )
    return replace(net, train_loss=stale.train_loss, test_loss=stale.test_loss)


def forgets_weight_decay(*data: Tensor, **options: Any) -> NetHistory:
    """The penalty never reaches the optimiser."""
    return train_mlp(*data, **{**options, "weight_decay": 0.0})


def decays_upwards(*data: Tensor, **options: Any) -> NetHistory:
    """W17: the sign of the decay is wrong, so that weights grow."""
    return train_mlp(*data, **{**options, "weight_decay": -options.get("weight_decay", 0.0)})


def takes_a_hundredth_of_the_step(*data: Tensor, **options: Any) -> NetHistory:
    """The learning rate is divided by 100: what rescues a net with weights of deviation 1."""
    return train_mlp(*data, **{**options, "lr": options["lr"] / 100})
