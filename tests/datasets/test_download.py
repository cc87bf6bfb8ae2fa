"""Downloads: verified before they are kept, never half-written, and clear about what is missing."""

import io
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pooch
import pytest

from made import datasets
from made.base.errors import MadeError
from made.datasets.binary import read_splits
from made.datasets.download import RemoteFile, cache_folder, fetch
from made.datasets.settings import DataConfig

SIZES, WIDTH = (600, 100, 100), 300


def archive(**changes):
    generator = np.random.default_rng(0)
    arrays = {
        name: generator.integers(0, 2, (size, WIDTH), dtype=np.uint8)
        for name, size in zip(("train_data", "valid_data", "test_data"), SIZES, strict=True)
    }
    content = io.BytesIO()
    np.savez(content, **(arrays | changes))
    return content.getvalue()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        content, promised = self.server.answers.get(self.path, (None, 0))
        self.server.requests.append(self.path)
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(promised))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.answers, server.requests = {}, []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("MADE_DATA_DIR", str(tmp_path / "own"))
    monkeypatch.setenv("MADE_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "own").mkdir()
    datasets.clear_cache()
    return tmp_path


def remote(server, content, *, promised=None, name="rows.npz", max_bytes=1 << 24):
    server.answers[f"/{name}"] = (content, len(content) if promised is None else promised)
    url = f"http://127.0.0.1:{server.server_port}/{name}"
    return RemoteFile(name=name, url=url, max_bytes=max_bytes)


def kept():
    return sorted(path.name for path in cache_folder().iterdir())


read = read_splits(SIZES, WIDTH)


def test_a_download_reports_its_progress_and_is_fetched_only_once(server):
    content = archive()
    file = remote(server, content)
    reports = []
    first = fetch(file, read, lambda done, total: reports.append((done, total)))
    assert [done for done, _ in reports] == sorted({done for done, _ in reports})
    assert reports[-1] == (len(content), len(content))
    assert len(reports) > 1
    assert kept() == ["rows.npz"]
    again = fetch(file, read)
    np.testing.assert_array_equal(first[0], again[0])
    assert server.requests == ["/rows.npz"]


def test_the_folder_of_own_files_comes_before_the_cache_and_the_network(server, folders):
    own = np.ones((SIZES[0], WIDTH), np.uint8)
    (folders / "own" / "rows.npz").write_bytes(archive(train_data=own))
    cache_folder().mkdir()
    (cache_folder() / "rows.npz").write_bytes(archive())
    np.testing.assert_array_equal(fetch(remote(server, b""), read)[0], own)
    assert server.requests == []


@pytest.mark.parametrize(
    ("content", "promised", "problem"),
    [
        (b"", None, "is not a .npz file"),
        (b"<html>not found</html>", None, "is not a .npz file"),
        (archive()[:100_000], len(archive()), "broke off|only in part"),
        (archive()[:100_000], None, "truncated or damaged"),
        (archive(train_data=np.zeros((3, 4))), None, r"not the original \('train_data' is"),
        (
            archive(test_data=np.full((SIZES[2], WIDTH), 2)),
            None,
            "'test_data' holds values other than 0 and 1",
        ),
        (archive(test_data=np.full((SIZES[2], WIDTH), 0.5)), None, "other than 0 and 1"),
    ],
    ids=["empty", "page", "broken-connection", "cut", "shape", "values", "fractions"],
)
def test_a_bad_download_is_refused_and_leaves_nothing(server, content, promised, problem):
    file = remote(server, content, promised=promised)
    with pytest.raises(MadeError, match=problem) as caught:
        fetch(file, read)
    assert "rows.npz" in str(caught.value)
    assert "try again" in str(caught.value)
    assert kept() == []


def test_a_wrong_hash_is_refused_and_leaves_nothing(server):
    wrong = read_splits(SIZES, WIDTH, ("0" * 64,) * 3)
    with pytest.raises(MadeError, match="SHA-256 hash of its 'train_data' is wrong"):
        fetch(remote(server, archive()), wrong)
    assert kept() == []


def test_a_download_larger_than_the_original_can_be_is_stopped(server):
    file = remote(server, archive(), max_bytes=100_000)
    with pytest.raises(MadeError, match="larger than the 100,000 bytes expected"):
        fetch(file, read)
    assert kept() == []


def test_a_download_that_is_cancelled_by_its_listener_leaves_nothing(server):
    def cancel(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(remote(server, archive()), read, cancel)
    assert kept() == []


def test_a_file_that_is_gone_is_named_with_the_servers_answer(server):
    file = remote(server, archive())
    server.answers.clear()
    with pytest.raises(MadeError, match="the server answered 404"):
        fetch(file, read)
    assert kept() == []


def test_without_network_the_message_says_which_file_to_put_where(server, folders, monkeypatch):
    file = remote(server, archive())
    server.shutdown()
    server.server_close()
    with pytest.raises(MadeError, match="connection failed") as caught:
        fetch(file, read)
    for part in ("rows.npz", file.url, str(folders / "own")):
        assert part in str(caught.value)
    monkeypatch.delenv("MADE_DATA_DIR")
    with pytest.raises(MadeError, match="connection failed") as caught:
        fetch(file, read)
    assert f"into the folder {folders / 'cache'}" in str(caught.value)


def test_a_cache_that_cannot_be_written_is_named(server, folders, monkeypatch):
    (folders / "file").write_text("in the way")
    monkeypatch.setenv("MADE_CACHE_DIR", str(folders / "file" / "cache"))
    with pytest.raises(MadeError, match=r"could not be stored.*MADE_CACHE_DIR"):
        fetch(remote(server, archive()), read)


def test_what_a_killed_download_left_is_swept_away_by_the_next(server):
    cache_folder().mkdir()
    abandoned = cache_folder() / ".rows.npz.0123.part"
    abandoned.write_bytes(b"half")
    os.utime(abandoned, (0, 0))
    fetch(remote(server, archive()), read)
    assert kept() == ["rows.npz"]


@pytest.mark.parametrize("name", ["turing-joint", "binarized-mnist", "dna"])
def test_a_bad_local_copy_is_named_and_not_deleted(folders, name):
    path = folders / "own" / datasets.REGISTRY[name].file.name
    path.write_bytes(b"something else")
    assert datasets.is_available(name)
    with pytest.raises(MadeError, match="replace it by the original from https://") as caught:
        datasets.load(DataConfig(dataset=name))
    assert str(path) in str(caught.value)
    assert path.exists()


def test_a_changed_portrait_is_refused_by_its_hash(folders):
    np.save(folders / "own" / "distribution.npy", np.full((200, 200), 1 / 40_000, np.float32))
    with pytest.raises(MadeError, match="SHA-256 hash is wrong"):
        datasets.load(DataConfig(dataset="turing-joint"))


def test_what_is_missing_is_known_without_loading(folders):
    assert not datasets.is_available("web")
    assert datasets.info(DataConfig(dataset="web")).needs_download
    assert datasets.is_available("rings")
    assert not datasets.info(DataConfig(dataset="rings")).needs_download


def test_the_cache_is_the_users_cache_folder_unless_set(monkeypatch):
    monkeypatch.delenv("MADE_CACHE_DIR")
    assert cache_folder() == pooch.os_cache("made")
