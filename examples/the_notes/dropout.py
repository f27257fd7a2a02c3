"""Dropout as the notes print it: the layer, the net from scratch, and the concise net.

After the samples of Dive into Deep Learning (MIT-0, see NOTICE); names are the book's.
"""

import torch
from torch import Tensor, nn

DROPOUT1, DROPOUT2 = 0.2, 0.5


def dropout_layer(X: Tensor, dropout: float) -> Tensor:
    """X with each element kept with probability 1 - dropout, and then divided by it."""
    assert 0 <= dropout <= 1
    if dropout == 1:
        return torch.zeros_like(X)
    if dropout == 0:
        return X
    mask = (torch.rand(X.shape) > dropout).float()
    return mask * X / (1.0 - dropout)


class Net(nn.Module):
    """784 inputs, two hidden layers, 10 classes. `is_training` is lost at the first train()."""

    def __init__(self, num_hiddens: int = 256, is_training: bool = True) -> None:
        super().__init__()
        self.training = is_training  # Module.train() and .eval() write the same attribute
        self.lin1 = nn.Linear(784, num_hiddens)
        self.lin2 = nn.Linear(num_hiddens, num_hiddens)
        self.lin3 = nn.Linear(num_hiddens, 10)
        self.relu = nn.ReLU()

    def forward(self, X: Tensor) -> Tensor:
        """The logits (n, 10)."""
        H1 = self.relu(self.lin1(X.reshape((-1, 784))))
        if self.training:
            H1 = dropout_layer(H1, DROPOUT1)
        H2 = self.relu(self.lin2(H1))
        if self.training:
            H2 = dropout_layer(H2, DROPOUT2)
        out: Tensor = self.lin3(H2)
        return out


def concise(num_hiddens: int = 256) -> nn.Sequential:
    """The concise net with the weights that torch draws."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, num_hiddens), nn.ReLU(), nn.Dropout(DROPOUT1),
        nn.Linear(num_hiddens, num_hiddens), nn.ReLU(), nn.Dropout(DROPOUT2),
        nn.Linear(num_hiddens, 10),
    )  # fmt: skip


def init_weights(m: nn.Module) -> None:
    """As the notes print it: the book's `std=0.01` is lost, and normal_() draws N(0, 1)."""
    if type(m) is nn.Linear:
        nn.init.normal_(m.weight)


def train(
    net: nn.Module, X: Tensor, y: Tensor, num_epochs: int, lr: float = 0.5, batch_size: int = 256
) -> list[float]:
    """The training loss after each epoch, without masks; NaN where it has diverged."""
    loss, trainer = nn.CrossEntropyLoss(), torch.optim.SGD(net.parameters(), lr=lr)
    found = []
    for _ in range(num_epochs):
        net.train()
        for rows in torch.split(torch.randperm(len(X)), batch_size):
            trainer.zero_grad()
            loss(net(X[rows]), y[rows]).backward()
            trainer.step()
        net.eval()
        with torch.no_grad():
            found.append(float(loss(net(X), y)))
    return found
