"""A git revision as a folder: a work tree beside the repository's own, taken away afterwards."""

import contextlib
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness.records.compared_runs import RunsError


def commit_of(name: str, here: Path) -> str:
    """The commit that a revision names. Raises RunsError."""
    found = git(here, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if found is None:
        raise RunsError(
            f"{name!r} is no revision, folder, Python, device, file of runs or NAME=VALUE; name a "
            "branch, a tag or a commit (fetch it first in a shallow clone)"
        )
    return found


@contextlib.contextmanager
def work_tree(commit: str, here: Path, build: str, limit: float) -> Iterator[Path]:
    """The folder of a commit that stands for `here`, built; taken away afterwards.

    Raises RunsError where there can be none, or where it does not build.
    """
    place = Path(tempfile.mkdtemp(prefix="chapter-and-verse-"))
    tree = place / "tree"
    try:
        if git(here, "worktree", "add", "--detach", "--quiet", str(tree), commit) is None:
            raise RunsError(
                f"no work tree of {commit[:10]} can be made; see `git worktree list` and the disk"
            )
        folder = tree / (git(here, "rev-parse", "--show-prefix") or "")
        if not folder.is_dir():
            raise RunsError(
                f"{commit[:10]} has no folder {folder.relative_to(tree)}; call from a folder that "
                "both revisions have"
            )
        if build:
            _build(commit, folder, build, limit)
        yield folder
    finally:
        git(here, "worktree", "remove", "--force", str(tree))
        shutil.rmtree(place, ignore_errors=True)


def _build(commit: str, folder: Path, build: str, limit: float) -> None:
    failed = f"{commit[:10]} does not build: {build!r}"
    try:
        done = subprocess.run(
            shlex.split(build), cwd=folder, capture_output=True, text=True, timeout=limit,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise RunsError(f"{failed} took more than {limit:g} s; give more with --limit") from error
    except OSError as error:
        raise RunsError(f"{failed} cannot be run ({error.strerror}); mend --build") from error
    if done.returncode:
        said = [line.strip() for line in (done.stderr + done.stdout).split("\n") if line.strip()]
        raise RunsError(
            f"{failed} ends with {done.returncode} ({said[-1][:200] if said else 'silently'}); "
            "mend --build, or name a revision that builds"
        )


def git(folder: Path, *words: str) -> str | None:
    """What git answers, or None where it fails."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise RunsError("git is not there; compare two folders instead") from error
    return done.stdout.strip() if done.returncode == 0 else None
