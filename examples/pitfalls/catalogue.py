"""The 22 pitfalls in the catalogue's order, and what was found since."""

from __future__ import annotations

from examples.pitfalls.choosing import optimism, peak
from examples.pitfalls.decay import lasso_zeros, scratch_concise, sparsity, wall_clock
from examples.pitfalls.dropout import batch_gradient, train_mode, z_test
from examples.pitfalls.pitfall import Pitfall
from examples.pitfalls.replicates import fold_bars, one_pool
from examples.pitfalls.rounding import divergence, nested_fits, relative_tolerance
from examples.pitfalls.seeds import every_seed, one_seed
from examples.pitfalls.signals import ended_signal, fifty_layers, mean_field, real_loss
from examples.pitfalls.tails import risk_formula, t_test, tiny_level

PITFALLS: tuple[Pitfall, ...] = (
    one_seed.PITFALL,
    t_test.PITFALL,
    tiny_level.PITFALL,
    every_seed.PITFALL,
    risk_formula.PITFALL,
    nested_fits.PITFALL,
    fifty_layers.PITFALL,
    real_loss.PITFALL,
    mean_field.PITFALL,
    relative_tolerance.PITFALL,
    z_test.PITFALL,
    batch_gradient.PITFALL,
    train_mode.PITFALL,
    peak.PITFALL,
    scratch_concise.PITFALL,
    sparsity.PITFALL,
    wall_clock.PITFALL,
    fold_bars.PITFALL,
    one_pool.PITFALL,
    divergence.PITFALL,
    lasso_zeros.PITFALL,
    optimism.PITFALL,
    ended_signal.PITFALL,
)
