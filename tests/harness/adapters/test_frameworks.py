"""JAX with Flax and Optax, Keras 3 and scikit-learn, judged through their adapters.

Skipped where a framework is not installed; `tox -e frameworks` installs them all.
"""

import os

import pytest

from examples.frameworks.cases import CASES, NEEDS, as_documented, surprises, thing

os.environ.setdefault("KERAS_BACKEND", "torch")


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

    found = surprises(role, thing(module, name))
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
