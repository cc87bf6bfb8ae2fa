"""Files that are written on at their end, locks of folders, and errors that pass."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from made.base import files
from made.base.errors import MadeError
from made.base.files import FolderLock, Unreadable, append, append_line, parse_object, read


def test_a_line_after_a_torn_one_is_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    append_line(path, '{"a": 1}')
    append(path, b'{"b": 2')
    append_line(path, '{"c": 3}')
    assert files.parse_lines(path.read_bytes()) == [{"a": 1}, {"c": 3}]


def test_nothing_is_written_through_a_link_nor_waits_at_a_pipe(tmp_path: Path) -> None:
    outside, link, pipe = (tmp_path / name for name in ("outside", "link", "pipe"))
    outside.write_bytes(b"mine")
    link.symlink_to(outside)
    os.mkfifo(pipe)
    for path, said in ((link, os.strerror(errno.ELOOP)), (pipe, os.strerror(errno.ENXIO))):
        with pytest.raises(OSError, match=said):
            append_line(path, "theirs")
    assert outside.read_bytes() == b"mine"


def test_a_lock_does_not_make_a_folder_again(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    with pytest.raises(MadeError, match="'gone' has just been deleted"):
        FolderLock(folder / "lock").acquire(timeout=1)
    assert not folder.exists()
    folder.mkdir()
    with FolderLock(folder / "lock"):
        assert files.is_locked(folder / "lock")


def test_an_error_that_passes_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": 1}')
    os.utime(path, (1e9, 1e9))

    def fails(*arguments: object) -> bytes:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with monkeypatch.context() as patch:
        patch.setattr(files, "read_bytes", fails)
        with pytest.raises(Unreadable, match="Too many open files"):
            read(path, parse_object, limit=100)
    assert read(path, parse_object, limit=100) == {"a": 1}
