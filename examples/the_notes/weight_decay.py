"""Weight decay in high-dimensional regression as the notes print it, from scratch and concise.

After the samples of Dive into Deep Learning (MIT-0, see NOTICE); names are the book's.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

N_TRAIN, N_TEST, NUM_INPUTS, BATCH_SIZE = 20, 100, 200, 5
NUM_EPOCHS, LR = 100, 0.003

Data = tuple[Tensor, Tensor]


def synthetic_data(num_examples: int) -> Data:
    """X ~ N(0, 1) and y = 0.05 + sum of 0.01 x + N(0, 0.01^2), y of shape (num_examples, 1)."""
    X = torch.normal(0, 1, (num_examples, NUM_INPUTS))
    y = X @ torch.full((NUM_INPUTS, 1), 0.01) + 0.05
    return X, y + torch.normal(0, 0.01, y.shape)


def _batches(data: Data) -> Iterator[Data]:
    for rows in torch.split(torch.randperm(len(data[0])), BATCH_SIZE):
        yield data[0][rows], data[1][rows]


def train(train_data: Data, lambd: float) -> tuple[Tensor, Tensor]:
    """w (200, 1) and b after 100 epochs from scratch: the squared loss is halved, b starts at 0."""
    w = torch.normal(0, 1, (NUM_INPUTS, 1), requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for _ in range(NUM_EPOCHS):
        for X, y in _batches(train_data):
            l = (X @ w + b - y) ** 2 / 2 + lambd * (w**2).sum() / 2  # noqa: E741  (B, 1) numbers
            torch.autograd.backward(l.sum())
            with torch.no_grad():
                for param in (w, b):
                    assert param.grad is not None
                    param -= LR * param.grad / BATCH_SIZE
                    param.grad.zero_()
    return w.detach(), b.detach()


def train_concise(train_data: Data, wd: float) -> nn.Linear:
    """The only layer of the concise net: its loss is not halved, its bias starts from N(0, 1)."""
    layer = nn.Linear(NUM_INPUTS, 1)
    net = nn.Sequential(layer)
    for param in net.parameters():
        param.data.normal_()
    loss = nn.MSELoss()
    groups: list[dict[str, object]] = [
        {"params": layer.weight, "weight_decay": wd},
        {"params": layer.bias},
    ]
    trainer = torch.optim.SGD(groups, lr=LR)
    for _ in range(NUM_EPOCHS):
        for X, y in _batches(train_data):
            trainer.zero_grad()
            loss(net(X), y).backward()
            trainer.step()
    return layer
