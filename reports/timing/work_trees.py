"""Two work trees side by side: what BASE and HEAD name, checked out beside the repository's own."""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from reports.benchmark_json import TimingsError
from reports.timing.fork_server import FOLDER


@contextlib.contextmanager
def work_tree(name: str, repository: Path) -> Iterator[Path]:
    """The folder of a revision: a work tree of its own, taken away afterwards.

    A folder that exists is used as it is, so that `.` compares what is not committed yet.
    Raises TimingsError for what is neither, or has no benchmarks.
    """
    folder = repository / name
    if folder.is_dir():
        _check_benchmarks(folder, name)
        yield folder.resolve()
        return
    commit = _git(
        repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
    )
    if commit is None:
        raise TimingsError(
            f"{name!r} is neither a revision of {repository.resolve().name} nor a folder; "
            "name a branch, a tag, a commit or a work tree (fetch it first in a shallow clone)"
        )
    place = Path(tempfile.mkdtemp(prefix="chapter-and-verse-"))
    try:
        if (
            _git(repository, "worktree", "add", "--detach", "--quiet", str(place / "tree"), commit)
            is None
        ):
            raise TimingsError(f"no work tree of {name!r} can be made; see `git worktree list`")
        _check_benchmarks(place / "tree", name)
        yield place / "tree"
    finally:
        _git(repository, "worktree", "remove", "--force", str(place / "tree"))
        shutil.rmtree(place, ignore_errors=True)


def _check_benchmarks(tree: Path, name: str) -> None:
    if not (tree / FOLDER).is_dir():
        raise TimingsError(
            f"{name!r} has no folder {FOLDER}/, so that nothing of it can be timed (early "
            f"revisions have claims/{FOLDER}/); name a revision or a folder that has {FOLDER}/"
        )


def described(name: str, repository: Path) -> str:
    """The revision as people know it, for the head of a comparison."""
    if (repository / name).is_dir():
        return f"the work tree {name}"
    return _git(repository, "log", "-1", "--format=%h %s", name) or name


def _git(repository: Path, *words: str) -> str | None:
    """What git answers, or None where it fails."""
    try:
        done = subprocess.run(
            ["git", "-C", str(repository), *words], capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise TimingsError("git is not there; compare two folders instead") from error
    return done.stdout.strip() if done.returncode == 0 else None
