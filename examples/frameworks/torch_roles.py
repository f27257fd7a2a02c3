"""Torch's own objects behind the adapters, each in a line."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch.nn import functional, init
from torch.optim import lr_scheduler, swa_utils

from harness.adapters.adapter import adapter

dropout_module = adapter("dropout", torch.nn.Dropout)
dropout_instance = adapter("dropout", torch.nn.Dropout(0.25))
dropout_function = adapter("dropout", functional.dropout)
dropout_keep = adapter(
    "dropout", lambda h, keep, training: functional.dropout(h, 1 - keep, training), rate="keep"
)
wrong_rate = adapter("dropout", functional.dropout, rate="keep")
xavier_uniform = adapter("xavier_uniform", init.xavier_uniform_)
xavier_normal = adapter("xavier_normal", init.xavier_normal_)
he_uniform = adapter("he_uniform", partial(init.kaiming_uniform_, nonlinearity="relu"))
he_normal = adapter("he_normal", partial(init.kaiming_normal_, nonlinearity="relu"))
wrong_layout = adapter("he_normal", partial(init.kaiming_normal_, nonlinearity="relu"),
                    layout="in, out")  # fmt: skip
relu = adapter("relu", functional.relu)
relu_module = adapter("relu", torch.nn.ReLU)
sigmoid = adapter("sigmoid", torch.sigmoid)
tanh = adapter("tanh", torch.nn.Tanh)
sgd = adapter("sgd", torch.optim.SGD)
fused_sgd = adapter("sgd", partial(torch.optim.SGD, fused=True))
foreach_sgd = adapter("sgd", partial(torch.optim.SGD, foreach=True))
momentum_sgd = adapter("momentum_sgd", partial(torch.optim.SGD, momentum=0.9))
nesterov_sgd = adapter("nesterov_sgd", partial(torch.optim.SGD, momentum=0.9, nesterov=True))
adam = adapter("adam", torch.optim.Adam)
adamw = adapter("adam", torch.optim.AdamW, decay="decoupled")
adamw_role = adapter("adamw", torch.optim.AdamW)
channel_dropout = adapter(
    "channel_dropout",
    lambda h, p, training: {
        2: functional.dropout, 3: functional.dropout1d, 4: functional.dropout2d,
        5: functional.dropout3d,
    }[h.dim()](h, p, training),
)  # fmt: skip
he_kernel = adapter("he_kernel", partial(init.kaiming_normal_, nonlinearity="relu"))
xavier_kernel = adapter("xavier_kernel", init.xavier_normal_)
smoothed_cross_entropy = adapter("smoothed_cross_entropy", functional.cross_entropy)
clip_gradient_norm = adapter("clip_gradient_norm", torch.nn.utils.clip_grad_norm_)
permutation = adapter("permutation", torch.randperm)
minibatches = adapter("minibatches", torch.utils.data.DataLoader)


def _lambda(optimizer, total, warmup, floor):  # type: ignore[no-untyped-def]
    peak = optimizer.param_groups[0]["lr"]
    return lr_scheduler.LambdaLR(
        optimizer,
        lambda t: (t + 1) / (warmup + 1) if t < warmup
        else floor / peak + (1 - floor / peak) * max(0.0, (total - t) / (total - warmup)),
    )  # fmt: skip


def _sequential(optimizer, total, warmup, floor):  # type: ignore[no-untyped-def]
    down = lr_scheduler.CosineAnnealingLR(optimizer, total - warmup, floor)
    still = lr_scheduler.LambdaLR(
        optimizer, lambda _: floor / optimizer.param_groups[0]["initial_lr"]
    )
    if not warmup:
        return lr_scheduler.SequentialLR(optimizer, [down, still], [total])
    up = lr_scheduler.LinearLR(optimizer, 1 / (warmup + 1), total_iters=warmup)
    return lr_scheduler.SequentialLR(optimizer, [up, down, still], [warmup, total])


def _linear(optimizer, total, warmup, floor):  # type: ignore[no-untyped-def]
    peak = optimizer.param_groups[0]["lr"]
    up = lr_scheduler.LinearLR(optimizer, 1 / (warmup + 1), total_iters=warmup)
    down = lr_scheduler.LinearLR(optimizer, 1.0, floor / peak, total_iters=total - warmup)
    return lr_scheduler.SequentialLR(optimizer, [up, down], [warmup])


lambda_schedule = adapter("lr_schedule", _lambda)
sequential_schedule = adapter("lr_schedule", _sequential)
linear_schedule = adapter("lr_schedule", _linear)
token_loss = adapter("token_loss", functional.cross_entropy)
attention = adapter("attention", functional.scaled_dot_product_attention)
attention_module = adapter("attention", torch.nn.MultiheadAttention)
rms_norm = adapter("rms_norm", torch.nn.RMSNorm)
layer_norm = adapter("layer_norm", torch.nn.LayerNorm)
batch_norm = adapter("batch_norm", torch.nn.BatchNorm1d)
averages: Any = swa_utils  # whose functions are untyped


def _averaged_model(net, decay):  # type: ignore[no-untyped-def]
    if decay is None:
        return averages.AveragedModel(net)
    return averages.AveragedModel(net, multi_avg_fn=averages.get_ema_multi_avg_fn(decay))


def _one_by_one(net, decay):  # type: ignore[no-untyped-def]
    average = averages.get_swa_avg_fn() if decay is None else averages.get_ema_avg_fn(decay)
    return averages.AveragedModel(net, avg_fn=average)


def _with_buffers(net, decay):  # type: ignore[no-untyped-def]
    average = None if decay is None else averages.get_ema_multi_avg_fn(decay)
    return averages.AveragedModel(net, multi_avg_fn=average, use_buffers=True)


averaged_model = adapter("average_weights", _averaged_model)
averaged_buffers = adapter("average_weights", _with_buffers)
averaged_one_by_one = adapter("average_weights", _one_by_one)
distributed_sampler = adapter("distributed_sampler", torch.utils.data.DistributedSampler)
