"""Every name that the claims give in English has its Chinese."""

import re
from collections.abc import Iterator
from typing import Any

from harness.run.suite import whole_suite
from harness.text import named

# Of formulas and settings: symbols, and names that Chinese texts leave as they are.
SYMBOLS = {
    *("argmin", "argmax", "max", "min", "sup", "exp", "cos", "sin", "sign", "diag", "cond", "corr"),
    *("relu", "sigmoid", "tanh", "softmax", "round", "AUROC", "XOR", "NaN", "Bin", "Bernoulli"),
    *("var", "Var", "Xavier", "Hoyer", "SGD", "AdamW", "Adam", "Fashion", "MNIST", "Kolmogorov"),
    *("bfloat", "float", "int", "nan", "inf", "adam", "adamw", "Huber", "huber"),
    *("batch_size", "n_out", "seed", "torch", "optim", "fold", "weight", "Cover"),
}
WORD = re.compile(
    r"[A-Za-z](?:[A-Za-z]|_(?=[a-z]{3}))+[A-Za-z]|(?<![\w'])(?:at|by|if|in|is|of|on|or|to)(?![\w'])"
)


def words_in(text: str) -> set[str]:
    return {word for word in WORD.findall(text) if word not in SYMBOLS}


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)


def test_what_a_claim_names_is_named_in_chinese_too() -> None:
    names: set[str] = set()
    for claim in whole_suite():
        names |= {claim.formula or "", claim.holds.unit, claim.holds.kind}
        names |= {*claim.holds.parts, *claim.given}
        names |= {fault.rpartition(":")[2] for fault in claim.faults}
        for setting in claim.always:
            names |= {*setting, *strings(dict(setting))}

    english = {name: words for name in names if (words := words_in(named(name).zh))}

    assert english == {}, "give these a line in harness/names.tsv"
