"""Correct objects of other libraries behind their adapters, and the claims that refute them.

A module of this folder is a library; a line of CASES is an object in it, the role that it fills
and the findings that docs/findings.md reproduces by hand: no other refutation is expected.
"""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import Any

from harness.declaration.profiles import DEFAULT_SALT
from harness.run.api import check_implementation

FOLDER = "examples.frameworks"
NAN = {"do-keep-rule.infinite": "REFUTED"}
SHORT = {"ns-explode-breaks.clip": "REFUTED"}
TRANSPOSED = {"in-forward.kernels": "REFUTED"}
TRUNCATED = dict.fromkeys(("in-xavier-formula", "in-xavier-formula.tails"), "REFUTED")
FLOAT32_RATE = dict.fromkeys(
    ("wd-update", "wd-any-loss", "wd-bias.step", "wd-identities.zero", "wd-free.corrected"),
    "REFUTED",
)
FUSED = {"wd-default": "REFUTED", "wd-any-loss": "REFUTED"}
GROUPS = {"in-xavier-formula.kernels": "REFUTED"}
REST_LEFT_OUT = {"tl-relation.resumed": "REFUTED"}
SMALL_STEPS = {"tl-average.sixteen": "REFUTED"}
AVERAGED_COUNTS = {**SMALL_STEPS, **dict.fromkeys(("tl-average", "tl-average.equal"), "REFUTED")}
RECIPROCAL = {"do-unbiased.sixteen-bit": "REFUTED"}

CASES: list[tuple[str, str, str, dict[str, str]]] = [
    ("torch_roles", "dropout", "dropout_module", NAN),
    ("torch_roles", "dropout", "dropout_keep", NAN),
    ("torch_roles", "channel_dropout", "channel_dropout", {}),
    ("torch_roles", "xavier_uniform", "xavier_uniform", {}),
    ("torch_roles", "xavier_normal", "xavier_normal", {}),
    ("torch_roles", "he_uniform", "he_uniform", {}),
    ("torch_roles", "he_normal", "he_normal", {}),
    ("torch_roles", "relu", "relu", {}),
    ("torch_roles", "relu", "relu_module", {}),
    ("torch_roles", "sigmoid", "sigmoid", {}),
    ("torch_roles", "tanh", "tanh", {}),
    ("torch_roles", "sgd", "sgd", {}),
    ("torch_roles", "sgd", "fused_sgd", FUSED),
    ("torch_roles", "sgd", "foreach_sgd", {}),
    ("torch_roles", "momentum_sgd", "momentum_sgd", {}),
    ("torch_roles", "adam", "adam", {}),
    ("torch_roles", "nesterov_sgd", "nesterov_sgd", {}),
    ("torch_roles", "adam", "adamw", {}),
    ("torch_roles", "adamw", "adamw_role", {}),
    ("torch_roles", "he_kernel", "he_kernel", TRANSPOSED),
    ("torch_roles", "xavier_kernel", "xavier_kernel", GROUPS),
    ("torch_roles", "smoothed_cross_entropy", "smoothed_cross_entropy", {}),
    ("torch_roles", "clip_gradient_norm", "clip_gradient_norm", SHORT),
    ("torch_roles", "permutation", "permutation", {}),
    ("torch_roles", "minibatches", "minibatches", {}),
    ("torch_steps", "train_step", "plain", {}),
    ("torch_steps", "train_step", "with_a_scaler", {}),
    ("torch_steps", "train_step", "in_a_class", {}),
    ("torch_steps", "train_step", "sums_then_divides", {}),
    ("torch_roles", "lr_schedule", "lambda_schedule", {}),
    ("torch_roles", "lr_schedule", "sequential_schedule", {}),
    ("torch_roles", "lr_schedule", "linear_schedule", {}),
    ("torch_steps", "lr_schedule", "nanogpt_rate", {}),
    ("torch_roles", "token_loss", "token_loss", {}),
    ("torch_layers", "token_loss", "nanogpt_loss", {}),
    ("torch_layers", "token_loss", "masked_loss", {}),
    ("torch_layers", "token_loss", "gathered_loss", {}),
    ("torch_steps", "decay_groups", "nanogpt_groups", {}),
    ("torch_steps", "decay_groups", "timm_groups", {}),
    ("torch_steps", "decay_groups", "group_for_each", {}),
    ("torch_roles", "attention", "attention", {}),
    ("torch_roles", "attention", "attention_module", {}),
    ("torch_layers", "attention", "nanogpt_attention", {}),
    ("torch_roles", "rms_norm", "rms_norm", {}),
    ("torch_roles", "layer_norm", "layer_norm", {}),
    ("torch_roles", "batch_norm", "batch_norm", {}),
    ("torch_layers", "rms_norm", "llama_norm", {}),
    ("torch_layers", "layer_norm", "functional_norm", {}),
    ("torch_layers", "batch_norm", "d2l_batch_norm", {}),
    ("torch_runs", "resume", "through_a_file", {}),
    ("torch_runs", "resume", "by_deep_copies", {}),
    ("torch_runs", "resume", "by_pickle", {}),
    ("torch_steps", "sixteen_bit_sgd", "stochastic_rounding", {}),
    ("torch_steps", "sixteen_bit_sgd", "compensated", {}),
    ("torch_steps", "sixteen_bit_sgd", "master_weights", {}),
    ("torch_nets", "module_init", "nanogpt_init", {}),
    ("torch_nets", "module_init", "pretrained_init", {}),
    ("torch_nets", "module_init", "by_kind", {}),
    ("torch_nets", "module_init", "timm_init", {}),
    ("torch_ranks", "data_parallel_step", "all_reduced", {}),
    ("torch_ranks", "data_parallel_step", "scaled_loss", {}),
    ("torch_ranks", "data_parallel_step", "one_bucket", {}),
    ("torch_ranks", "data_parallel_step", "stacked", {}),
    ("torch_roles", "average_weights", "averaged_model", SMALL_STEPS),
    ("torch_roles", "average_weights", "averaged_one_by_one", SMALL_STEPS),
    ("torch_roles", "average_weights", "averaged_buffers", AVERAGED_COUNTS),
    ("torch_steps", "average_weights", "shadowed", {}),
    ("torch_steps", "average_weights", "corrected", {}),
    ("torch_steps", "average_weights", "summed", {}),
    ("torch_roles", "distributed_sampler", "distributed_sampler", {}),
    ("torch_runs", "distributed_sampler", "stretches", {}),
    ("torch_runs", "trainer", "with_adamw", {}),
    ("torch_runs", "trainer", "accumulates", {}),
    ("torch_runs", "trainer", "data_parallel", {}),
    ("torch_runs", "trainer", "with_schedule", {}),
    ("torch_loops", "trainer", "with_a_loader", {}),
    ("torch_loops", "trainer", "nanogpt", {}),
    ("keras_loops", "trainer", "trainer", {}),
    ("keras_loops", "trainer", "with_logged_losses", {}),
    ("lightning_loops", "trainer", "trainer", {}),
    ("lightning_loops", "trainer", "saved_at_the_end", REST_LEFT_OUT),
    ("transformers_loops", "trainer", "trainer", {}),
    ("transformers_nets", "module_init", "gpt2", {}),
    ("timm_nets", "module_init", "vit", {}),
    ("numpy_roles", "dropout", "dropout", {}),
    ("numpy_roles", "channel_dropout", "channel_dropout", {}),
    ("numpy_roles", "split_uniforms", "split_uniforms", {}),
    ("numpy_roles", "relu", "relu", {}),
    ("numpy_roles", "tanh", "tanh", {}),
    ("numpy_roles", "l2_penalty", "l2_penalty", {}),
    ("numpy_roles", "sgd", "sgd", {}),
    ("jax_roles", "dropout", "linen_dropout", RECIPROCAL),
    ("jax_roles", "dropout", "nnx_dropout", RECIPROCAL),
    ("jax_roles", "channel_dropout", "channel_dropout", {}),
    ("jax_roles", "path_dropout", "path_dropout", {}),
    ("jax_roles", "he_kernel", "he_kernel", {}),
    ("jax_roles", "xavier_kernel", "xavier_kernel", GROUPS),
    ("jax_roles", "split_uniforms", "split_uniforms", {}),
    ("jax_roles", "folded_uniforms", "folded_uniforms", {}),
    ("jax_roles", "xavier_uniform", "xavier_uniform", {}),
    ("jax_roles", "xavier_normal", "xavier_normal", {}),
    ("jax_roles", "xavier_normal", "glorot_normal", TRUNCATED),
    ("jax_roles", "he_uniform", "he_uniform", {}),
    ("jax_roles", "he_normal", "he_normal", {}),
    ("jax_roles", "relu", "relu", {}),
    ("jax_roles", "sigmoid", "sigmoid", {}),
    ("jax_roles", "tanh", "tanh", {}),
    ("jax_roles", "sgd", "sgd", {}),
    ("jax_roles", "adam", "adamw", {}),
    ("jax_roles", "adamw", "adamw_role", {}),
    ("jax_roles", "nesterov_sgd", "nesterov_sgd", {}),
    ("jax_roles", "decay_groups", "decay_groups", {}),
    ("jax_roles", "attention", "attention", {}),
    ("jax_roles", "average_weights", "ema", {}),
    ("jax_roles", "average_weights", "incremental_update", SMALL_STEPS),
    ("jax_roles", "lr_schedule", "warmup_cosine", {}),
    ("keras_roles", "lr_schedule", "cosine_decay", {}),
    ("keras_roles", "dropout", "dropout", {}),
    ("keras_roles", "channel_dropout", "channel_dropout", {}),
    ("keras_roles", "path_dropout", "path_dropout", {}),
    ("keras_roles", "xavier_uniform", "xavier_uniform", {}),
    ("keras_roles", "xavier_normal", "glorot_normal", TRUNCATED),
    ("keras_roles", "he_uniform", "he_uniform", {}),
    ("keras_roles", "relu", "relu", {}),
    ("keras_roles", "sigmoid", "sigmoid", {}),
    ("keras_roles", "tanh", "tanh", {}),
    ("keras_roles", "sgd", "sgd", FLOAT32_RATE),
    ("sklearn_roles", "polynomial_features", "polynomial_features", {}),
    ("sklearn_roles", "k_fold", "k_fold", {}),
    ("sklearn_roles", "stratified_k_fold", "stratified_k_fold", {}),
]
NEEDS = {
    "jax_roles": ("jax", "flax", "optax"),
    "keras_roles": ("keras",),
    "keras_loops": ("keras",),
    "lightning_loops": ("lightning",),
    "transformers_loops": ("transformers", "accelerate"),
    "transformers_nets": ("transformers",),
    "timm_nets": ("timm",),
    "sklearn_roles": ("sklearn",),
}


def is_here(module: str) -> bool:
    """True if what the module's objects need is installed."""
    return all(find_spec(name) for name in NEEDS.get(module, ()))


def thing(module: str, name: str) -> Any:
    """The object of that name behind its adapter."""
    return getattr(importlib.import_module(f"{FOLDER}.{module}"), name)


def surprises(
    role: str, thing: Any, salt: str = DEFAULT_SALT, block_limit: float = 120.0
) -> dict[str, str]:
    """{claim: verdict} of the claims that did not end as expected, in the quick profile."""
    records = check_implementation(salt=salt, block_limit=block_limit, **{role: thing})
    assert records
    assert any(record.verdict in ("CONFIRMED", "REFUTED") for record in records)
    return {
        # What falls short of what is declared is refuted as it is declared.
        record.claim: "REFUTED" if record.falls_short else record.verdict
        for record in records
        if not record.as_expected
    }


def as_documented(found: dict[str, str], findings: dict[str, str]) -> bool:
    """True if a documented finding showed, and nothing that is not documented.

    Which of a finding's claims show it is a matter of the settings that the salt draws.
    """
    return found.items() <= findings.items() and bool(found) == bool(findings)
