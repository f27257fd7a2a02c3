"""The polynomial experiment of the notes, its code as printed and as it was meant.

After the samples of Dive into Deep Learning (MIT-0, see NOTICE); names are the book's.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

# The third line is a comment to its end, so that `features` is never assigned: a NameError.
AS_PRINTED = """
max_degree, n_train, n_test = 20, 100, 100
true_w = np.zeros(max_degree); true_w[0:4] = np.array([5, 1.2, -3.4, 5.6])
# draw the features features = np.random.normal(size=(n_train + n_test, 1))
np.random.shuffle(features)
"""
N_TRAIN = 100


def run_as_printed() -> None:
    """Run the first code block as it is printed. Raises NameError for `features`."""
    exec(AS_PRINTED, {"np": np})


def data(rng: np.random.Generator, shuffled: bool = True) -> tuple[Tensor, Tensor]:
    """The 200 rows of 20 features x^i / i! and their labels, float32.

    The shuffle changes the order of draws that are independent anyway, and so no law.
    """
    true_w = np.zeros(20)
    true_w[:4] = 5, 1.2, -3.4, 5.6
    features = rng.normal(size=(2 * N_TRAIN, 1))
    if shuffled:
        rng.shuffle(features)
    poly_features: NDArray[np.float64] = np.power(features, np.arange(20))
    for i in range(20):
        poly_features[:, i] /= math.gamma(i + 1)  # i!, not (i + 1)! as the comment has it
    labels = poly_features @ true_w
    labels += rng.normal(scale=0.1, size=labels.shape)
    return (
        torch.tensor(poly_features, dtype=torch.float32),
        torch.tensor(labels, dtype=torch.float32),
    )


def train(
    features: Tensor, labels: Tensor, num_epochs: int = 400
) -> tuple[nn.Linear, int, dict[int, tuple[float, float]]]:
    """The net, its batch size, and training and test loss by the epoch at which they are recorded.

    The first 100 rows train and the others test; recorded is the first epoch and every 20th.
    """
    x, y = features[:N_TRAIN], labels[:N_TRAIN].reshape(-1, 1)
    x_test, y_test = features[N_TRAIN:], labels[N_TRAIN:].reshape(-1, 1)
    loss = nn.MSELoss()
    net = nn.Linear(x.shape[-1], 1, bias=False)
    batch_size = min(10, y.shape[0])
    batches = DataLoader(TensorDataset(x, y), batch_size, shuffle=True)
    trainer = torch.optim.SGD(net.parameters(), lr=0.01)
    recorded = {}
    for epoch in range(num_epochs):
        for some_x, some_y in batches:
            trainer.zero_grad()
            loss(net(some_x), some_y).backward()
            trainer.step()
        if epoch == 0 or (epoch + 1) % 20 == 0:
            with torch.no_grad():
                recorded[epoch + 1] = (
                    float(loss(net(x), y)),
                    float(loss(net(x_test), y_test)),
                )
    return net, batch_size, recorded
