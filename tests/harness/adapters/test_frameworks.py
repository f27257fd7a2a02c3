"""JAX with Flax and Optax, Keras 3, scikit-learn, and loops of trainers, behind their adapters.

Skipped where a framework is not installed; `tox -e frameworks` installs them all but Lightning and
Hugging Face's (`studies/scoreboard/requirements.txt`).
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from examples.frameworks.cases import CASES, NEEDS, as_documented, surprises, thing

os.environ.setdefault("KERAS_BACKEND", "torch")


@contextmanager
def what_is_loaded_kept() -> Iterator[None]:
    """Hugging Face's Trainer collects garbage in every run: not among all that is imported."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@pytest.mark.parametrize(
    ("module", "role", "name", "findings"),
    [
        pytest.param(*case, id=f"{case[0].removesuffix('_roles')}-{case[2]}")
        for case in CASES
        if case[0] in NEEDS
    ],
)
@pytest.mark.filterwarnings("default")  # theirs to mend
def test_the_framework_is_refuted_only_where_a_finding_says_so(
    module: str, role: str, name: str, findings: dict[str, str]
) -> None:
    for needed in NEEDS[module]:
        pytest.importorskip(needed)
    from harness.run.api import chosen_claims

    if not chosen_claims((role,)):
        pytest.skip(f"no claim of the quick profile takes {role}")

    made = thing(module, name)
    with what_is_loaded_kept():
        found = surprises(role, made, block_limit=900.0)  # however busy the machine
    assert as_documented(found, findings), found


def test_code_that_jax_compiled_is_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("jax")
    import jax
    import torch

    from harness.adapters import from_jax
    from harness.adapters.adapter import adapter

    cleared = []
    monkeypatch.setattr(from_jax, "KEPT", 3)
    monkeypatch.setattr(from_jax, "_kept", set())
    monkeypatch.setattr(jax, "clear_caches", lambda: cleared.append(len(from_jax._kept)))
    relu = adapter("relu", jax.nn.relu, arrays="jax")

    for size in (1, 2, 3, 3, 2, 1, 4, 5, 6, 7, 8):
        assert torch.equal(relu(-torch.ones(size)), torch.zeros(size))

    assert cleared == [0, 0]


@pytest.mark.filterwarnings("default")  # theirs to mend
def test_a_layer_of_keras_that_is_seeded_again_drops_as_a_new_one() -> None:
    keras: Any = pytest.importorskip("keras")
    import torch

    from harness.adapters.adapter import adapter

    made = []

    class Counted(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self, rate: float, seed: int, dtype: str) -> None:
            super().__init__(dtype=dtype)
            self.rate, self.seed_generator = rate, keras.random.SeedGenerator(seed)
            made.append(self)

        def call(self, inputs: Any, training: bool = False) -> Any:
            return keras.random.dropout(inputs, self.rate, seed=self.seed_generator)

    class Remembers(Counted):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.seen = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def masks(layer: Any, *, anew: bool) -> list[torch.Tensor]:
        dropout = adapter("dropout", layer, arrays="keras")
        stream, drawn = torch.Generator().manual_seed(3), []
        for _ in range(3):
            if anew:
                state = stream.get_state()
                stream = torch.Generator()
                stream.set_state(state)
            drawn.append(dropout(torch.ones(40), 0.5, stream))
        return drawn

    kept = torch.stack(masks(Counted, anew=False))
    assert len(made) == 1
    assert torch.equal(kept, torch.stack(masks(Counted, anew=True)))
    assert len({tuple(mask.tolist()) for mask in kept}) == 3
    assert len(made) == 4
    assert torch.equal(kept, torch.stack(masks(Remembers, anew=False)))
    assert len(made) == 7
