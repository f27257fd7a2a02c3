"""Takes the pictures of the terminal that the README and the docs show.

Each command is run in a pseudo-terminal, from a folder as a reader has it, and what it printed is
drawn as SVG. `studies.report.screenshots` takes these pictures with those of the page.
"""

import fcntl
import importlib.metadata
import io
import os
import pty
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from rich.cells import cell_len, get_character_cell_size
from rich.console import CONSOLE_SVG_FORMAT, Console  # type: ignore[attr-defined]
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parents[2]
SUITE = ("chapter_and_verse", "claims", "harness", "reports", "conftest.py", "pyproject.toml")
CHECKOUT, MINE = "chapter-and-verse", "mine"  # the folders of the pictures
ROWS = 40
STEERING = ("CI", "CLAIMS", "COLUMNS", "FORCE_COLOR", "NO_COLOR", "PY", "TERM")  # of this process
SECONDS = re.compile(r"\b\d+\.\d+s\b")
OURS = ("chapter_and_verse", "hypothesis", "benchmark")  # plugins that the suite brings

FORGETFUL = """\
import torch


def dropout(h, p, generator, training=True):
    if not training:
        return h
    return torch.where(torch.rand(h.shape, generator=generator) < p, 0.0, h)
"""
TEST = """\
import pytest
from forgetful import dropout


@pytest.mark.claims("do-eval", "do-subnetwork")
def test_my_dropout(judge):
    judge(dropout=dropout)
"""
CLAIMS = "claims --claims-only=do-eval,do-unbiased,in-forward"


@dataclass(frozen=True)
class Picture:
    """A command, as a reader types it in a folder, in a terminal of so many columns."""

    name: str
    command: str
    folder: str = MINE
    width: int = 80


PICTURES = (
    Picture("run", f"python -m pytest {CLAIMS}", CHECKOUT),
    Picture("quiet", f"python -m pytest -q {CLAIMS}", CHECKOUT),
    Picture("plain", f"NO_COLOR=1 python -m pytest \\\n    {CLAIMS}", CHECKOUT),
    Picture("refuted", "python -m chapter_and_verse judge dropout=forgetful:dropout \\\n"
            "    --only=do-eval,do-eval-equals-mean,do-grad-vanish.checkpoint"),
    Picture("failure", "python -m pytest test_layers.py"),
    Picture("narrow", "python -m pytest test_layers.py", width=60),
)  # fmt: skip

# What a dark terminal has, each readable on the ground and apart from the others.
THEME = TerminalTheme(
    (24, 26, 31),
    (221, 225, 230),
    [(90, 96, 107), (255, 123, 114), (86, 211, 100), (227, 179, 65), (121, 192, 255),
     (210, 168, 255), (86, 212, 221), (177, 186, 196)],
)  # fmt: skip
FONTS = 'ui-monospace, Menlo, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace'
ASPECT = 0.6  # width of a letter of these fonts, of its size
# A picture fetches nothing: without the fonts that rich would load.
FRAME = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
FRAME = FRAME.replace("Fira Code, monospace", FONTS)

# rich cuts each line at its end, where none of these goes on, and draws the line's end as a text.
NEEDLESS = re.compile(
    r"<text [^>]*>\n</text>"
    r'|<clipPath id="[\w-]+-line-\d+">.*?</clipPath>\s*| clip-path="url\(#[\w-]+-line-\d+\)"',
    re.DOTALL,
)


def take(folder: Path) -> list[Path]:
    """Run the commands and draw what they print; returns the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        _furnish(Path(home))
        return [_drawn(picture, Path(home), folder) for picture in PICTURES]


def _drawn(picture: Picture, home: Path, folder: Path) -> Path:
    print(f"{picture.name}: {picture.command}", file=sys.stderr)
    printed = masked(printed_by(picture, home), home)
    file = folder / f"terminal-{picture.name}.svg"
    name = f"terminal-{picture.name}"
    file.write_text(svg(f"$ {picture.command}\n{printed}", picture.width, name), encoding="utf-8")
    return file


def _furnish(home: Path) -> None:
    """A checkout, and a folder of somebody with a function and a test of his own."""
    for name in SUITE:
        here, there = ROOT / name, home / CHECKOUT / name
        there.parent.mkdir(exist_ok=True)
        if here.is_dir():
            shutil.copytree(here, there, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(here, there)
    (home / MINE).mkdir()
    (home / MINE / "forgetful.py").write_text(FORGETFUL, encoding="utf-8")
    (home / MINE / "test_layers.py").write_text(TEST, encoding="utf-8")


def printed_by(picture: Picture, home: Path) -> str:
    """What the command writes to a terminal of the picture's width, with its colours."""
    words = shlex.split(picture.command.replace("\\\n", " "))
    settings = dict(word.split("=", 1) for word in words[: words.index("python")])
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, picture.width, 0, 0))
    with subprocess.Popen(
        [sys.executable, *words[words.index("python") + 1 :]], cwd=home / picture.folder,
        env=_environment(home) | settings, stdin=theirs, stdout=theirs, stderr=theirs,
    ):  # fmt: skip
        os.close(theirs)
        written = b"".join(_read(ours))
    os.close(ours)
    return written.decode()


def _read(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            read = os.read(terminal, 1 << 16)
        except OSError:  # Linux says so that nobody writes any more
            return
        if not read:
            return
        yield read


def _environment(home: Path) -> dict[str, str]:
    """That of somebody who has installed the suite, and no plugins of pytest beside it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(STEERING)}
    plugins = importlib.metadata.entry_points(group="pytest11")
    others = [plugin.name for plugin in plugins if not plugin.name.startswith(OURS)]
    return kept | {
        "PYTHONPATH": str(home / CHECKOUT),
        "PYTEST_ADDOPTS": " ".join(f"-p no:{name}" for name in others),
        "TERM": "xterm-256color",
    }


def masked(printed: str, home: Path) -> str:
    """The text without what is the machine's own: its path to the folders, how fast it is."""
    text = printed.replace(str(home), "~")
    return SECONDS.sub(lambda seconds: re.sub(r"\d", "x", seconds[0]), text)


def rows(printed: str, width: int) -> Iterator[Text]:
    """The lines that a terminal of that width shows: what is longer goes on in the next."""
    text = printed.replace("\r\n", "\n").rstrip("\n")
    for line in text.split("\n"):
        rest = Text.from_ansi(line)  # what a carriage return leaves of it
        rest.rstrip()
        while cell_len(rest.plain) > width:
            row, rest = rest.divide([_fitting(rest.plain, width)])
            yield row
        yield rest


def _fitting(text: str, width: int) -> int:
    """How many characters of the text fit into the cells of a row."""
    cells = 0
    for count, character in enumerate(text):
        cells += get_character_cell_size(character)
        if cells > width:
            return count
    return len(text)


def svg(printed: str, width: int, name: str) -> str:
    """What was printed, drawn as the window of a terminal; it has no links and loads no fonts."""
    console = Console(
        record=True, width=width, file=io.StringIO(), color_system="truecolor", legacy_windows=False
    )
    for row in rows(printed, width):
        for part in _of_one_size(row):
            console.print(part, end="", no_wrap=True, overflow="ignore", crop=False)
        console.print()
    drawn = console.export_svg(
        title="", theme=THEME, code_format=FRAME, unique_id=name, font_aspect_ratio=ASPECT
    )
    return re.sub(r'textLength="[\d.]+"([^>]*>)([^<]*)', _in_cells, NEEDLESS.sub("", drawn))


def _of_one_size(row: Text) -> Iterator[Text]:
    """The row's stretches of letters and of Chinese characters, so that each begins in its cell."""
    sizes = [get_character_cell_size(character) for character in row.plain]
    yield from row.divide([at for at in range(1, len(sizes)) if sizes[at] != sizes[at - 1]])


def _in_cells(text: re.Match[str]) -> str:
    # rich gives each character one cell; a Chinese one has two.
    length = 20 * ASPECT * cell_len(unescape(text[2]))  # rich's letters are 20 high
    return f'textLength="{length:g}"{text[1]}{text[2]}'


def main() -> None:
    """Take the pictures and print their paths."""
    for file in take(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images")):
        print(file)


if __name__ == "__main__":
    main()
