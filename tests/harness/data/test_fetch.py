"""Fetching writes only files with the right checksum; a server on this machine stands in."""

import functools
import hashlib
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from harness.data import fetch as fetch_module
from harness.data.fetch import fetch
from harness.data.idx import DataError

CONTENT = b"forty-two bytes that stand for a data set!"
SUMS = {"file.gz": hashlib.sha256(CONTENT).hexdigest()}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a web server on the loopback interface, and the folder that it serves."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/", folder
        running.shutdown()
        thread.join()


def test_a_file_with_the_right_sum_is_kept(server: tuple[str, Path], tmp_path: Path) -> None:
    address, served = server
    (served / "file.gz").write_bytes(CONTENT)

    paths = fetch(tmp_path / "a" / "b", address, SUMS)

    assert paths == [tmp_path / "a" / "b" / "file.gz"]
    assert paths[0].read_bytes() == CONTENT


def test_a_file_that_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "file.gz").write_bytes(CONTENT)
    assert fetch(tmp_path, "http://127.0.0.1:9/", SUMS) == [tmp_path / "file.gz"]


def test_a_damaged_file_that_is_there_is_replaced(server: tuple[str, Path], tmp_path: Path) -> None:
    address, served = server
    (served / "file.gz").write_bytes(CONTENT)
    (tmp_path / "file.gz").write_bytes(CONTENT[:-1])

    fetch(tmp_path, address, SUMS)

    assert (tmp_path / "file.gz").read_bytes() == CONTENT


def test_a_wrong_sum_leaves_nothing_behind(server: tuple[str, Path], tmp_path: Path) -> None:
    address, served = server
    (served / "file.gz").write_bytes(CONTENT + b"!")
    target = tmp_path / "target"

    with pytest.raises(DataError, match=r"SHA-256 .* instead of"):
        fetch(target, address, SUMS)

    assert list(target.iterdir()) == []


def test_an_endless_answer_is_cut_off(
    server: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, served = server
    (served / "file.gz").write_bytes(CONTENT)
    monkeypatch.setattr(fetch_module, "LARGEST", 10)
    target = tmp_path / "target"

    with pytest.raises(DataError, match="more than 10 bytes"):
        fetch(target, address, SUMS)

    assert list(target.iterdir()) == []


def test_a_missing_file_there_is_a_clear_error(server: tuple[str, Path], tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"404.*check the network"):
        fetch(tmp_path, server[0], SUMS)


def test_only_web_addresses_are_taken(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no web address"):
        fetch(tmp_path, tmp_path.as_uri(), SUMS)


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="failed"):
        fetch(tmp_path / "file" / "below", "http://127.0.0.1:9/", SUMS)
