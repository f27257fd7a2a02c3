"""Torch's own objects behind the adapters, each in a line."""

from __future__ import annotations

from functools import partial

import torch
from torch.nn import functional, init

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
momentum_sgd = adapter("momentum_sgd", partial(torch.optim.SGD, momentum=0.9))
nesterov_sgd = adapter("nesterov_sgd", partial(torch.optim.SGD, momentum=0.9, nesterov=True))
adam = adapter("adam", torch.optim.Adam)
adamw = adapter("adam", torch.optim.AdamW, decay="decoupled")
adamw_role = adapter("adamw", torch.optim.AdamW)
channel_dropout = adapter(
    "channel_dropout",
    lambda h, p, training: {
        3: functional.dropout1d, 4: functional.dropout2d, 5: functional.dropout3d
    }[h.dim()](h, p, training),
)  # fmt: skip
he_kernel = adapter("he_kernel", partial(init.kaiming_normal_, nonlinearity="relu"))
xavier_kernel = adapter("xavier_kernel", init.xavier_normal_)
smoothed_cross_entropy = adapter("smoothed_cross_entropy", functional.cross_entropy)
clip_gradient_norm = adapter("clip_gradient_norm", torch.nn.utils.clip_grad_norm_)
permutation = adapter("permutation", torch.randperm)
minibatches = adapter("minibatches", torch.utils.data.DataLoader)
