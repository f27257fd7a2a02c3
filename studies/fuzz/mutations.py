"""Inputs from good ones: bytes changed, pieces moved, JSON values replaced by hostile ones."""

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from harness.blocks.streams import named_seed

TOKENS = (
    b"null", b"NaN", b"1e999", b"-1", b"0", b"9" * 30, b"9" * 5000, b"[]", b"{}", b"[" * 2000,
    b'""', b"true", b"\xff", b"\xed\xa0\x80", b"\n", b"\r", b"\0", b"=", b"..", b"~nobody", b"/",
    b"processes:", b"0.5", b"\xc2\xb2", b"\xd9\xa3", b"'''", b'"""', b"[[", b"#",
    b"<script>alert(1)</script>", b"\x1f\x8b", b"\xe2\x80\xae",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, 10**24, 0.5, "", "x", "../../etc/passwd", "\u202e",
    "<script>alert(1)</script>", "javascript:alert(1)", [], {}, [None], [[]], {"": ""},
    [0, 1], {"en": 1}, {"en": "a", "zh": "b"}, "\ud800", "a" * 3000,
)  # fmt: skip


def inputs(seeds: tuple[bytes, ...], count: int, name: str) -> Iterator[bytes]:
    """`count` mutated inputs, the same for the same name."""
    dice = random.Random(named_seed("fuzz", name))
    for _ in range(count):
        seed = dice.choice(seeds)
        if dice.random() < 0.5:
            seed = _with_other_values(seed, dice)
        for _ in range(dice.choice((0, 1, 1, 2, 4))):
            seed = _with_other_bytes(seed, dice)
        yield seed


def one_mutation(data: bytes, dice: random.Random) -> bytes:
    """One change of an input, of its bytes or of a JSON value in it."""
    return _with_other_values(data, dice) if dice.random() < 0.5 else _with_other_bytes(data, dice)


def _with_other_bytes(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data) + 1)
    end = min(len(data), at + dice.choice((0, 1, 1, 2, 8, 64)))
    match dice.randrange(6):
        case 0:  # one bit
            flipped = bytes([data[at] ^ (1 << dice.randrange(8))]) if at < len(data) else b""
            return data[:at] + flipped + data[at + 1 :]
        case 1:
            return data[:at] + dice.choice(TOKENS) + data[end:]
        case 2:
            return data[:at] + data[end:]
        case 3:
            return data[:at]
        case 4:
            start = dice.randrange(len(data) + 1)
            return data[:at] + data[start : start + 64] + data[at:]
        case _:
            return data[:at] + dice.randbytes(dice.randrange(5)) + data[end:]


def _with_other_values(data: bytes, dice: random.Random) -> bytes:
    """One value of a JSON line, anywhere in it, replaced, taken away or put in; else as it was."""
    lines = data.split(b"\n")
    place = dice.randrange(len(lines))
    try:
        content = json.loads(lines[place])
    except (ValueError, RecursionError):
        return data
    if not isinstance(content, dict | list):
        return data
    for _ in range(dice.choice((1, 1, 2, 3))):
        holder = _somewhere(content, dice)
        if isinstance(holder, dict) and holder:
            key = dice.choice(list(holder))
            if dice.random() < 0.15:
                del holder[key]
            else:
                holder[key] = deepcopy(dice.choice(VALUES))
        elif isinstance(holder, list):
            holder.insert(dice.randrange(len(holder) + 1), deepcopy(dice.choice(VALUES)))
    try:
        lines[place] = json.dumps(content).encode()
    except (ValueError, RecursionError):  # too deep, or a whole number with too many digits
        return data
    return b"\n".join(lines)


def _somewhere(content: Any, dice: random.Random) -> Any:
    """A mapping or list inside the content, each step down taken with probability 0.7."""
    found = content
    while dice.random() < 0.7:
        values = found.values() if isinstance(found, dict) else found
        inner = [value for value in values if isinstance(value, dict | list)]
        if not inner:
            break
        found = dice.choice(inner)
    return found
