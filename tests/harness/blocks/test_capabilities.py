"""What a device cannot do is said in a file that fits, and then judged by nobody."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import strategies as st

from examples import toys
from harness.blocks.capabilities import Capabilities, Capability, held_to, read_capabilities
from harness.blocks.streams import block_stream
from harness.declaration.claim import Claim
from harness.declaration.not_applicable import NotApplicableError
from harness.declaration.relations import exactly_equal
from harness.implementation.named import of_objects
from harness.implementation.user_file import UserFileError
from harness.statistics.evidence import Verdict
from tests.harness.scripted import examined

NO_DOUBLE = Capability("cpu", no_dtypes=("float64",))


def lacking(**more: Any) -> Capabilities:
    return Capabilities("devices.toml", (Capability("cpu", **more),))


def written(folder: Path, text: str) -> Path:
    file = folder / "devices.toml"
    file.write_text(text, encoding="utf-8")
    return file


def named(*entries: str) -> str:
    return "\n".join(f"[[device]]\n{entry}" for entry in entries)


def test_an_entry_is_of_all_devices_of_its_kind(tmp_path: Path) -> None:
    file = written(tmp_path, named('name = "cuda"\nno_operations = ["aten::linalg_qr"]'))

    found = read_capabilities(file)

    assert found.of("cuda:0") == Capability("cuda:0", no_operations=("aten::linalg_qr",))
    assert found.of("cuda:1") == Capability("cuda:1", no_operations=("aten::linalg_qr",))
    assert found.of("cpu") is None


def test_what_is_known_of_a_device_needs_no_file_and_a_file_may_know_better() -> None:
    better = Capabilities("", (Capability("mps", dtypes=("float64",), no_dtypes=("bfloat16",)),))

    assert Capabilities().of("mps:0") == Capability("mps:0", no_dtypes=("complex128", "float64"))
    assert better.of("mps:0") == Capability("mps:0", no_dtypes=("bfloat16", "complex128"))
    assert Capabilities().of("cpu") is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('name = "msp"', "torch knows no device named 'msp'; did you mean 'mps'?"),
        ('name = "mps"\nno_dtypes = ["flaot64"]', "did you mean 'float64'?"),
        (
            'name = "mps"\ndtypes = ["float64"]\nno_dtypes = ["float64"]',
            "has 'float64' in dtypes and in no_dtypes; take it out of one of them",
        ),
        ('name = "mps"\nno_roles = ["dropuot"]', "did you mean 'dropout'?"),
        ('name = "mps"\nno_operations = ["linalg_qr"]', "such as 'aten::linalg_qr'"),
        ('name = "mps"\nno_operations = ["aten::nosuch"]', "which torch has not"),
        ('name = "mps"\nno_operations = ["aten::linear"]', "makes of others"),
        ('name = "mps"\nno_dtype = ["float64"]', "write entries [[device]] with a name"),
        ('name = "mps"\ngenerator = "no"', "write entries [[device]] with a name"),
        ("name = mps", "is not TOML"),
    ],
)
def test_a_file_that_does_not_fit_is_a_sentence_with_the_cure(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(UserFileError) as caught:
        read_capabilities(written(tmp_path, named(text)))

    assert says in str(caught.value)
    assert "devices.toml" in str(caught.value)


@pytest.mark.parametrize("other", ["cuda", "cuda:0"])
def test_two_entries_for_one_device_are_refused(tmp_path: Path, other: str) -> None:
    file = written(tmp_path, named('name = "cuda:0"', 'name = "cuda:1"', f'name = "{other}"'))

    with pytest.raises(UserFileError, match=r"is in the entry 'cuda:0' too; make them one entry"):
        read_capabilities(file)


def test_a_dtype_that_is_not_there_is_missed_however_it_comes_about() -> None:
    ways: tuple[Callable[[], Any], ...] = (
        lambda: torch.ones(3, dtype=torch.float64),
        lambda: torch.ones(3).double(),
        lambda: torch.from_numpy(np.ones(3)) + 1,
    )
    for made in ways:
        with pytest.raises(NotApplicableError, match="cpu has no float64"), held_to(NO_DOUBLE, ()):
            made()
    with held_to(NO_DOUBLE, ()):
        torch.ones(3, dtype=torch.float64, device="meta")  # of another device


def test_an_operation_is_missed_in_the_backward_pass_too() -> None:
    capability = Capability("cpu", no_operations=("aten::sigmoid_backward.grad_input",))
    leaf = torch.ones(3, requires_grad=True)

    with (
        pytest.raises(NotApplicableError, match="cpu has no operation aten::sigmoid_backward"),
        held_to(capability, ()),
    ):
        leaf.sigmoid().sum().backward()  # type: ignore[no-untyped-call]


def test_what_is_missed_is_not_forgotten_by_whoever_catches_it() -> None:
    with (
        pytest.raises(NotApplicableError, match="cpu has no float64"),
        held_to(NO_DOUBLE, ()),
        contextlib.suppress(NotApplicableError),
    ):
        torch.ones(3, dtype=torch.float64)


def test_a_fault_is_told_where_nothing_is_missed() -> None:
    with pytest.raises(ZeroDivisionError), held_to(NO_DOUBLE, ()):
        1 / 0  # noqa: B018


def test_a_role_that_is_not_there_is_missed_before_it_is_called() -> None:
    capability = Capability("cpu", no_roles=("relu",))

    with pytest.raises(NotApplicableError, match="lacks the role 'relu'"):
        held_to(capability, ("relu",)).__enter__()
    with held_to(capability, ("dropout",)):
        pass


def test_a_device_without_generators_begins_no_stream() -> None:
    stream = block_stream("salt", "claim", "setting", "cpu", 0)

    with (
        pytest.raises(NotApplicableError, match="cpu makes no generators"),
        held_to(Capability("cpu", generator=False), ()),
    ):
        stream.torch()


def test_a_device_that_does_not_replay_draws_each_stream_once() -> None:
    stream = block_stream("salt", "claim", "setting", "cpu", 0)
    capability = Capability("cpu", replays=False)

    with held_to(capability, ()):
        torch.rand(3, generator=stream.child("a").torch())
        torch.rand(3, generator=stream.child("b").torch())
    ways: tuple[Callable[[], Any], ...] = (
        lambda: (stream.torch(), stream.torch()),
        lambda: stream.torch().get_state(),
        lambda: stream.torch().set_state(torch.Generator().get_state()),
    )
    for again in ways:
        with pytest.raises(NotApplicableError, match="again"), held_to(capability, ()):
            again()


def test_what_is_compiled_stays_compiled_while_it_is_watched() -> None:
    graphs = []

    def backend(graph: Any, _: Any) -> Any:
        graphs.append(graph)
        return graph.forward

    torch.compiler.reset()
    layer = torch.compile(lambda x: torch.relu(x) * 2, backend=backend)
    with held_to(NO_DOUBLE, ()):
        layer(torch.ones(3))
    with (
        pytest.raises(NotApplicableError),
        held_to(Capability("cpu", no_operations=("aten::relu",)), ()),
    ):
        layer(torch.ones(3))

    assert len(graphs) == 1


def test_a_compiled_function_draws_from_a_generator_that_does_not_replay() -> None:
    def drawn(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        return torch.rand(x.shape, generator=generator) + 2 * x

    stream = block_stream("salt", "claim", "setting", "cpu", 0)
    torch.compiler.reset()
    layer = torch.compile(drawn, backend="eager")
    x, twice = torch.ones(3), [stream.child("a"), stream.child("b")]
    right = [drawn(x, one.torch()) for one in twice]
    with held_to(Capability("cpu", replays=False), ()):
        found = [layer(x, one.torch()) for one in twice]

    assert torch.equal(torch.stack(found), torch.stack(right))

    torch.compiler.reset()
    back = torch.compile(lambda x, generator: x + generator.get_state().sum(), backend="eager")
    with (
        pytest.raises(NotApplicableError, match="again"),
        held_to(Capability("cpu", replays=False), ()),
    ):
        back(x, stream.torch())


def of_dtypes(*dtypes: str, **more: Any) -> Claim:
    @toys.toy(
        "toy-dtypes", "Zeros are zero", "零为零", holds=exactly_equal(), block=1, seconds=0.001,
        always=tuple({"dtype": dtype} for dtype in dtypes), **more,
    )  # fmt: skip
    def zeros_are_zero(relu: Any, dtype: str, stream: Any) -> Any:
        stream.torch()
        return relu(torch.zeros(4, dtype=getattr(torch, dtype)))

    return zeros_are_zero


def test_a_claim_is_judged_at_the_settings_that_the_device_can_do() -> None:
    found = examined(
        of_dtypes("float32", "bfloat16"), capabilities=lacking(no_dtypes=("bfloat16",))
    )

    assert [trial.verdict for trial in found.trials] == [Verdict.CONFIRMED, Verdict.NOT_APPLICABLE]
    assert str(found.trials[1].error) == "cpu has no bfloat16"
    assert found.verdict is Verdict.CONFIRMED


@pytest.mark.parametrize(
    "what",
    [
        {"no_dtypes": ("float32",)},
        {"no_operations": ("aten::zeros",)},
        {"no_roles": ("relu",)},
        {"generator": False},
    ],
    ids=lambda what: next(iter(what)),
)
def test_a_claim_that_the_device_cannot_do_is_not_green(what: dict[str, Any]) -> None:
    claim = of_dtypes("float32")
    on_trial = of_objects({"relu": lambda x: x})

    assert examined(claim, implementation=on_trial).verdict is Verdict.CONFIRMED
    found = examined(claim, implementation=on_trial, capabilities=lacking(**what))
    assert found.verdict is Verdict.NOT_APPLICABLE


def test_instances_of_a_sweep_are_drawn_where_the_device_can_do_them() -> None:
    drawn = {"dtype": st.sampled_from(["float32", "bfloat16"])}
    claim = of_dtypes("float32", given=drawn, share=0.2)

    found = examined(claim, capabilities=lacking(no_dtypes=("bfloat16",)))

    assert found.verdict is Verdict.CONFIRMED
    assert found.sweep is not None
    assert found.sweep.skipped
