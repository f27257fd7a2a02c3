"""What a text imports, and what it does not tell."""

import ast

import pytest

from harness.implementation import imports
from harness.implementation.imports import Imports, imports_of


def of(text: str, module: str = "pkg.sub.mine", *, is_package: bool = False) -> Imports:
    return imports_of(text.encode(), module, is_package=is_package)


@pytest.mark.parametrize(
    ("text", "modules", "perhaps"),
    [
        ("import a.b, c as d", {"a.b", "c"}, set()),
        ("from a import b as c", {"a"}, {"a.b"}),
        ("from a import (\n    b,\n    c,\n)", {"a"}, {"a.b", "a.c"}),
        ("from a import \\\n    b", {"a"}, {"a.b"}),
        ("from a import *", {"a"}, set()),
        ("from . import b", {"pkg.sub"}, {"pkg.sub.b"}),
        ("from ..other.deep import b", {"pkg.other.deep"}, {"pkg.other.deep.b"}),
        ("def f():\n    import a\n    try:\n        import b\n    except ImportError: import c",
         {"a", "b", "c"}, set()),
        ("x = 1; import a", {"a"}, set()),
        ("import importlib\nimportlib.import_module('a.b')", {"importlib", "a.b"}, set()),
        ("__import__('a')", {"a"}, set()),
        ("import a  # not b", {"a"}, set()),
        ("it = 'import b'", set(), set()),
        ("", set(), set()),
    ],
)  # fmt: skip
def test_every_import_is_found_wherever_it_stands(
    text: str, modules: set[str], perhaps: set[str]
) -> None:
    found = of(text)
    assert (set(found.modules), set(found.perhaps), found.doubt) == (modules, perhaps, "")


def test_a_package_is_its_own_parent() -> None:
    assert of("from . import b", "pkg", is_package=True).perhaps == {"pkg.b"}
    assert of("from .a import b", "pkg.sub", is_package=True).modules == {"pkg.sub.a"}


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("import importlib\nimportlib.import_module(name)", "line 2 imports a name that is comp"),
        ("import importlib\nimportlib.import_module('.a', __package__)", "line 2 imports a name"),
        ("__import__(name)", "line 1 imports a name that is computed"),
        ("exec(open('other.py').read())", "line 1 runs code by exec"),
        ("\n\neval (text)", "line 3 runs code by eval"),
        ("torch.ops.load_library('mine.so')", "line 1 runs code by load_library"),
        ("util.spec_from_file_location('a', 'a.py')", "line 1 runs code by spec_from_file"),
        ("from ctypes import CDLL", "it imports ctypes"),
        ("from torch.utils import cpp_extension", "it imports torch.utils.cpp_extension"),
        ("eval(:", "it is no Python of this version"),
    ],
)
def test_what_a_text_does_not_tell_is_said(text: str, doubt: str) -> None:
    assert of(text).doubt.startswith(doubt)


def test_a_model_in_evaluation_runs_no_code() -> None:
    assert of("model.eval()\nexecute(plan)").doubt == ""


@pytest.mark.parametrize("file", [imports.__file__, ast.__file__, pytest.__file__, __file__])
def test_reading_import_statements_alone_finds_what_the_whole_text_has(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(file, "rb") as handle:
        text = handle.read()
    quick = imports_of(text, "a.b")
    monkeypatch.setattr(imports, "_tree_of", ast.parse)

    whole = imports_of(text, "a.b")

    assert quick.modules >= whole.modules
    assert quick.perhaps >= whole.perhaps
    assert quick.doubt == whole.doubt
