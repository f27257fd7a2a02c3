"""The moving signals of the claims about capacity: templates, their turns, gains and noise."""

import numpy as np
from hypothesis import strategies as st

from claims.beyond_the_chapter.experiments import signal_pairs
from harness.declaration.claim import claim
from harness.declaration.relations import (
    all_hold,
    always_true,
    distribution_equals,
    pairwise_independent,
    rate_equals,
)
from harness.metrics import arrays, task_data

MARGIN, LAW = 0.05, 0.03  # of rates, and of laws: what is wrong with a task is seldom small
LONG = 40  # places of a signal whose turns are counted
LOUD = 1e6  # noise beside which the signal does not show


@claim(
    "td-signals",
    "The moving signals of a class are one template, N(0, 1) at twelve knots and linear between "
    "them, turned by any number of places, times N(1, 0.25²), plus noise; other replicates have "
    "other templates",
    "每一类的移动信号都出自同一模板：12 个节点上为 N(0, 1)，其间线性，随机循环移位，乘以 N(1, "
    "0.25²)，再加噪声；不同重复的模板各不相同",
    source="the task of claims about capacity: MNIST-1D (Greydanus 2020)",
    formula="x_i = g · t_y((i + s) mod n) + ε_i,  g ~ N(1, 1/16),  ε_i ~ N(0, σ²)",
    given={"classes": st.sampled_from([2, 3, 10])},
    always=({"classes": 10},),
    holds=all_hold(
        whole=always_true(),
        template=distribution_equals("N(0, 1) · N(1, 1/16)", within=LAW),
        turned=rate_equals(0.5, within=MARGIN),
        louder=rate_equals(signal_pairs.LOUDER, within=MARGIN),
        noise=distribution_equals("N(0, σ²)", within=LAW),
        independent=pairwise_independent(0.5, within=MARGIN, labels=task_data.labels("noise")),
    ),
)
def signals_move(shifted_signals, classes, replicates, stream):
    rng, R = stream.numpy(), 2 * task_data.groups(replicates)
    # As many places as knots, and one signal a replicate: a place is a knot, and independent.
    few, _ = shifted_signals(replicates, 1, rng, 2, signal_pairs.KNOTS, 0.0)
    # Two signals of two classes: half of the pairs are of one, as many as replicates.
    X, y = shifted_signals(2 * replicates, 2, rng, 2, LONG, 0.0)
    pairs = signal_pairs.same_class(X, y)
    loud = [shifted_signals(R, 1, rng, 2, task_data.EXAMPLES, LOUD) for _ in range(2)]
    noises = [np.asarray(X)[:, 0] / LOUD for X, _ in loud]
    told = {} if classes == 10 else {"classes": classes}  # the default, untold
    some, labels = shifted_signals(4, 64 * classes, rng, length=LONG, noise=0.0, **told)
    return {
        "whole": arrays.truth(
            np.array_equal(np.unique(labels), np.arange(classes)),
            some.shape == (4, 64 * classes, LONG),
            *signal_pairs.structure(some, labels),
        ),
        "template": signal_pairs.knot_law(few[:, 0, 0]),
        "turned": signal_pairs.turned_far(*pairs),
        "louder": signal_pairs.louder(*pairs),
        "noise": signal_pairs.normal_law(noises[0]),
        "independent": task_data.agreements(*({"noise": one} for one in noises)),
    }
