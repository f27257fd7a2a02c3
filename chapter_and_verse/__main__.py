"""The command: pytest on the suite, from the folder where the user is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from chapter_and_verse import SUITE

OUTPUT = "--claims-output"


def arguments_for(given: list[str], here: Path) -> list[str]:
    """What pytest is called with: the suite's claims, the user's options, the user's output."""
    named = [str(SUITE / word) if word.startswith("claims") else word for word in given]
    output = here / "out"
    options = []
    words = iter(named)
    for word in words:
        if word == OUTPUT:
            output = here / next(words, "out")
        elif word.startswith(f"{OUTPUT}="):
            output = here / word.partition("=")[2]
        else:
            options.append(word)
    claims = [] if any(word.startswith(str(SUITE)) for word in named) else [str(SUITE / "claims")]
    judges = any(word.startswith("--claims-implementation") for word in given)
    chosen = any(word.startswith("--claims-profile") for word in given)
    return [
        "-c",
        str(SUITE / "pyproject.toml"),
        f"--rootdir={SUITE}",
        "-p",
        "no:cacheprovider",  # nothing is written beside the installed suite
        f"{OUTPUT}={output}",
        *(["--claims-profile=quick"] if judges and not chosen else []),
        *claims,
        *options,
    ]


def main() -> int:
    """Run the suite on the user's implementation; the exit status is pytest's."""
    here = Path.cwd()
    environment = {**os.environ, "CLAIMS_COMMAND": "chapter-and-verse"}
    command = [sys.executable, "-m", "pytest", *arguments_for(sys.argv[1:], here)]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
