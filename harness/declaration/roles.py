"""The roles that an implementation may fill, and the reference that fills each by default.

A role's protocol (signature, shapes, dtypes, randomness, conventions) is the docstring of its
reference; `parameters` are the argument names that a claim passes, checked at the door.
"""

import difflib
from collections.abc import Collection, Mapping

_PRIMITIVES = "harness.primitives"

ROLES: Mapping[str, str] = {
    "dropout": f"{_PRIMITIVES}.dropout:dropout",
    "channel_dropout": f"{_PRIMITIVES}.shared_dropout:channel_dropout",
    "path_dropout": f"{_PRIMITIVES}.shared_dropout:path_dropout",
    "xavier_uniform": f"{_PRIMITIVES}.initialization:xavier_uniform",
    "xavier_normal": f"{_PRIMITIVES}.initialization:xavier_normal",
    "he_uniform": f"{_PRIMITIVES}.initialization:he_uniform",
    "he_normal": f"{_PRIMITIVES}.initialization:he_normal",
    "plain_normal": f"{_PRIMITIVES}.initialization:plain_normal",
    "l2_penalty": f"{_PRIMITIVES}.penalty:l2_penalty",
    "sgd": f"{_PRIMITIVES}.optimizers:sgd",
    "momentum_sgd": f"{_PRIMITIVES}.optimizers:momentum_sgd",
    "nesterov_sgd": f"{_PRIMITIVES}.optimizers:nesterov_sgd",
    "clipped_sgd": f"{_PRIMITIVES}.clipping:clipped_sgd",
    "adam": f"{_PRIMITIVES}.optimizers:adam",
    "adamw": f"{_PRIMITIVES}.optimizers:adamw",
    "he_kernel": f"{_PRIMITIVES}.convolutions:he_kernel",
    "xavier_kernel": f"{_PRIMITIVES}.convolutions:xavier_kernel",
    "mean_over_microbatches": f"{_PRIMITIVES}.losses:mean_over_microbatches",
    "smoothed_cross_entropy": f"{_PRIMITIVES}.losses:smoothed_cross_entropy",
    "split_uniforms": f"{_PRIMITIVES}.keys:split_uniforms",
    "folded_uniforms": f"{_PRIMITIVES}.keys:folded_uniforms",
    "stratified_k_fold": f"{_PRIMITIVES}.folds:stratified_k_fold",
    "relu": f"{_PRIMITIVES}.activations:relu",
    "sigmoid": f"{_PRIMITIVES}.activations:sigmoid",
    "tanh": f"{_PRIMITIVES}.activations:tanh",
    "scaled_sigmoid": f"{_PRIMITIVES}.activations:scaled_sigmoid",
    "mean_loss": f"{_PRIMITIVES}.losses:mean_loss",
    "evaluate_loss": f"{_PRIMITIVES}.evaluation:evaluate_loss",
    "squared_loss": f"{_PRIMITIVES}.losses:squared_loss",
    "polynomial_features": f"{_PRIMITIVES}.polynomials:polynomial_features",
    "minibatches": f"{_PRIMITIVES}.batches:minibatches",
    "permutation": f"{_PRIMITIVES}.batches:permutation",
    "k_fold": f"{_PRIMITIVES}.folds:k_fold",
    "holdout": f"{_PRIMITIVES}.folds:holdout",
    "clip_gradient_norm": f"{_PRIMITIVES}.clipping:clip_gradient_norm",
    "train_step": f"{_PRIMITIVES}.training_steps:train_step",
    "lr_schedule": f"{_PRIMITIVES}.schedules:lr_schedule",
    "token_loss": f"{_PRIMITIVES}.losses:token_loss",
    "decay_groups": f"{_PRIMITIVES}.parameter_groups:decay_groups",
    "attention": f"{_PRIMITIVES}.attention:attention",
    "rms_norm": f"{_PRIMITIVES}.normalization:rms_norm",
    "layer_norm": f"{_PRIMITIVES}.normalization:layer_norm",
    "batch_norm": f"{_PRIMITIVES}.normalization:batch_norm",
    "resume": f"{_PRIMITIVES}.checkpoints:resume",
    "module_init": f"{_PRIMITIVES}.initial_nets:module_init",
    "data_parallel_step": f"{_PRIMITIVES}.ranks:data_parallel_step",
    "sixteen_bit_sgd": f"{_PRIMITIVES}.sixteen_bits:sixteen_bit_sgd",
    "average_weights": f"{_PRIMITIVES}.averages:average_weights",
    "distributed_sampler": f"{_PRIMITIVES}.shards:distributed_sampler",
    "trainer": f"{_PRIMITIVES}.trainers:trainer",
    "noisy_cubic": "harness.data.synthetic:noisy_cubic",
    "noisy_halfspace": "harness.data.classes:noisy_halfspace",
    "gaussian_xor": "harness.data.classes:gaussian_xor",
    "shifted_signals": "harness.data.classes:shifted_signals",
    "linearly_separable": f"{_PRIMITIVES}.shattering:linearly_separable",
    "sine_classifier": f"{_PRIMITIVES}.shattering:sine_classifier",
    "linear_200": "harness.data.synthetic:linear_200",
    "gaussian_noise": "harness.data.synthetic:gaussian_noise",
    "fit_least_squares": "harness.training.exact.least_squares:fit_least_squares",
    "ordinary_least_squares": "harness.training.exact.least_squares:ordinary_least_squares",
    "ridge_regression": "harness.training.exact.least_squares:ridge_regression",
    "minimum_norm": "harness.training.exact.least_squares:minimum_norm",
    "lasso": "harness.training.exact.lasso:lasso",
    "train_concise": "harness.training.linear.concise:train_concise",
    "train_linear": "harness.training.linear.linear:train_linear",
    "init_mlp": "harness.training.nets.mlp:init_mlp",
    "train_mlp": "harness.training.nets.mlp:train_mlp",
    "cross_validate": "harness.training.model_selection:cross_validate",
    "select_model": "harness.training.model_selection:select_model",
    "nearest_neighbour": "harness.training.exact.neighbours:nearest_neighbour",
    "irrelevant_features": "harness.data.classes:irrelevant_features",
    "propagate": "harness.training.chains.propagation:propagate",
}

# Roles that train or propagate with other roles in them: minutes where a primitive takes seconds.
PROTOCOLS = frozenset(
    {"train_linear", "train_mlp", "train_concise", "cross_validate", "select_model", "propagate"}
)


def through_a_protocol(taken: tuple[str, ...], on_trial: Collection[str]) -> bool:
    """True for a claim that trains or propagates, unless that protocol is itself on trial."""
    return bool(PROTOCOLS.intersection(taken)) and not PROTOCOLS.intersection(taken, on_trial)


def unknown_role(name: str) -> str:
    """One sentence for a name that is no role: what there is, the likely one first."""
    near = difflib.get_close_matches(name, ROLES, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"no primitive named {name!r}; {hint}there are: {', '.join(sorted(ROLES))}"
