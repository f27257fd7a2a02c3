"""The default salt: a digest of what the claims say, so that nobody looks at samples that judge.

Whoever changes a claim, a margin, an experiment or an epoch count gets fresh samples; whoever
mends the harness or a planted fault gets the same ones. A salt that is given repeats everything.
"""

import hashlib
import inspect
from functools import cache
from pathlib import Path

from harness.declaration import relations

FOLDER = Path(__file__).resolve().parents[2] / "claims"
ABOVE = __name__.rpartition("harness")[0]  # of an installed suite the package that it is in
DIGITS = 12


@cache
def salt_of_the_texts(folder: Path = FOLDER) -> str:
    """`texts-` and twelve hexadecimal digits of the claims' own texts."""
    return f"texts-{digest_of_the_texts(folder)[:DIGITS]}"


def digest_of_the_texts(folder: Path) -> str:
    """The SHA-256 of claim files, experiments, what a run spends, and the relations' margins."""
    state = hashlib.sha256()
    files = [*folder.glob("*/*.py"), *folder.glob("*/experiments/*.py"), folder / "costs.tsv"]
    for file in sorted(files):
        # Whatever its line ends are, and whether its imports name the package that it is in.
        text = file.read_text(encoding="utf-8").replace(ABOVE, "")
        state.update(f"{file.relative_to(folder).as_posix()}\0{text}\0".encode())
    state.update("\n".join(margins()).encode())
    return state.hexdigest()


def margins() -> list[str]:
    """The numbers that a relation takes where a claim gives none: NAME.ARGUMENT=VALUE."""
    public = sorted(name for name in vars(relations) if name[0].islower() and name != "at")
    found = [f"INSIDE={relations.INSIDE!r}"]
    for name in public:
        made = getattr(relations, name)
        if inspect.isfunction(made) and made.__module__ == relations.__name__:
            found += [
                f"{name}.{argument.name}={argument.default!r}"
                for argument in inspect.signature(made).parameters.values()
                if isinstance(argument.default, int | float)
            ]
    return found
