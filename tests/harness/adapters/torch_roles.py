"""Torch's own objects behind the doors, each in a line."""

from __future__ import annotations

from functools import partial

import torch
from torch.nn import functional, init

from harness.adapters.adapter import door

dropout_module = door("dropout", torch.nn.Dropout)
dropout_instance = door("dropout", torch.nn.Dropout(0.25))
dropout_function = door("dropout", functional.dropout)
dropout_keep = door("dropout", lambda h, keep, training: functional.dropout(h, 1 - keep, training),
                    rate="keep")  # fmt: skip
wrong_rate = door("dropout", functional.dropout, rate="keep")
xavier_uniform = door("xavier_uniform", init.xavier_uniform_)
xavier_normal = door("xavier_normal", init.xavier_normal_)
he_uniform = door("he_uniform", partial(init.kaiming_uniform_, nonlinearity="relu"))
he_normal = door("he_normal", partial(init.kaiming_normal_, nonlinearity="relu"))
wrong_layout = door("he_normal", partial(init.kaiming_normal_, nonlinearity="relu"),
                    layout="in, out")  # fmt: skip
relu = door("relu", functional.relu)
relu_module = door("relu", torch.nn.ReLU)
sigmoid = door("sigmoid", torch.sigmoid)
tanh = door("tanh", torch.nn.Tanh)
sgd = door("sgd", torch.optim.SGD)
momentum_sgd = door("momentum_sgd", partial(torch.optim.SGD, momentum=0.9))
nesterov_sgd = door("nesterov_sgd", partial(torch.optim.SGD, momentum=0.9, nesterov=True))
adam = door("adam", torch.optim.Adam)
adamw = door("adam", torch.optim.AdamW, decay="decoupled")
adamw_role = door("adamw", torch.optim.AdamW)
channel_dropout = door(
    "channel_dropout",
    lambda h, p, training: {
        3: functional.dropout1d, 4: functional.dropout2d, 5: functional.dropout3d
    }[h.dim()](h, p, training),
)  # fmt: skip
he_kernel = door("he_kernel", partial(init.kaiming_normal_, nonlinearity="relu"))
xavier_kernel = door("xavier_kernel", init.xavier_normal_)
smoothed_cross_entropy = door("smoothed_cross_entropy", functional.cross_entropy)
clip_gradient_norm = door("clip_gradient_norm", torch.nn.utils.clip_grad_norm_)
permutation = door("permutation", torch.randperm)
minibatches = door("minibatches", torch.utils.data.DataLoader)
