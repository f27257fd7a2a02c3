"""Runs the notes' code and prints what it comes to: `python -m examples.the_notes`."""

import numpy as np
import torch

from examples.the_notes import dropout, polynomial, weight_decay
from harness.data.fashion_mnist import load_images


def main() -> None:
    """Print the figures of each experiment beside those of the notes."""
    try:
        polynomial.run_as_printed()
    except NameError as error:
        print("the first code block as printed:", error)
    features, labels = polynomial.data(np.random.default_rng())
    for columns, epochs in ((4, 400), (2, 400), (20, 1500)):
        net, _, losses = polynomial.train(features[:, :columns], labels, epochs)
        weight = net.weight.data.numpy().round(4)
        print(f"degree {columns - 1}: train and test loss {losses[epochs]}, weight {weight[0, :4]}")
    data = weight_decay.synthetic_data(weight_decay.N_TRAIN)
    for lambd in (0, 3):
        w, _ = weight_decay.train(data, lambd)
        printed = {0: 14.708, 3: 0.3632}[lambd]
        print(f"lambda = {lambd}: norm of w {w.norm():.4g} (the notes: {printed})")
    images = load_images("slice")
    X, y = torch.from_numpy(images.train_x), torch.from_numpy(images.train_y)
    for name, trained in (("from scratch", dropout.Net()), ("concise", dropout.concise())):
        print(f"dropout {name}: training loss {dropout.train(trained, X, y, 10)[-1]:.3g}")
    printed_net = dropout.concise().apply(dropout.init_weights)
    print("dropout concise as printed:", dropout.train(printed_net, X, y, 1))


if __name__ == "__main__":
    main()
