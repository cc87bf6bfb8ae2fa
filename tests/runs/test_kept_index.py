"""What a command kept of run folders never says anything else than the folders do."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import pytest
from worker_process import settings

from made import runs
from made.runs.folder import Run
from made.runs.kept_index import KeptIndex
from made.runs.writer import RunWriter

pytestmark = pytest.mark.usefixtures("folder")
LONG_AGO = 1_700_000_000
Looked = Callable[..., list[dict]]


@pytest.fixture
def three() -> list[Run]:
    return [ended(runs.create(settings(seed=seed), f"run {seed}")) for seed in range(3)]


def ended(run: Run, age: int = LONG_AGO) -> Run:
    RunWriter(run).update(state="finished")
    for path in run.path.iterdir():
        os.utime(path, (age, age))
    return run


@pytest.fixture
def parsed() -> list[str]:
    """The ids of the runs whose folders were read."""
    return []


@pytest.fixture
def look(parsed: list[str]) -> Looked:
    """A look by a new command: it knows nothing but what lies on the disk."""

    def describe(run: Run) -> dict:
        parsed.append(run.id)
        return {"id": run.id, "name": run.label, "status": run.state}

    def by_a_new_command(version: int = 1, key: object = None) -> list[dict]:
        parsed.clear()
        index = KeptIndex(
            describe, lambda row: row["status"] == "finished", name="runs", version=version
        )
        return index.read([run for run in runs.list_runs() if not run.is_shipped], key)

    return by_a_new_command


def test_what_has_not_changed_is_not_read_again(three, look: Looked, parsed: list[str]) -> None:
    first = look()
    assert sorted(parsed) == sorted(run.id for run in three)
    assert look() == first
    assert parsed == []


def test_what_has_changed_is_read_again(three, look: Looked, parsed: list[str]) -> None:
    look()
    runs.rename(three[1], "another name")
    ended(three[1], LONG_AGO + 1)
    assert [row["name"] for row in look()].count("another name") == 1
    assert parsed == [three[1].id]
    runs.delete(three[0])
    new = ended(runs.create(settings(), "a new one"))
    assert {row["id"] for row in look()} == {new.id, three[1].id, three[2].id}
    assert parsed == [new.id]


def test_a_run_that_lives_is_read_each_time(three, look: Looked, parsed: list[str]) -> None:
    living = runs.create(settings(), "living")
    for _ in range(2):
        look()
        assert living.id in parsed


@pytest.mark.parametrize("other", [{"version": 2}, {"key": "other presets"}])
def test_what_another_version_kept_does_not_count(
    other: dict, three, look: Looked, parsed: list[str]
) -> None:
    look()
    look(**other)
    assert len(parsed) == 3


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        '{"mark": 0, "rows": 3}',
        "[" * 100_000,
        None,
    ],
)
def test_a_broken_file_is_made_anew(
    content: str | None, three, look: Looked, parsed: list[str]
) -> None:
    expected = look()
    path = runs.runs_folder() / ".index" / "runs.json"
    if content is None:
        kept = json.loads(path.read_text())
        kept["rows"] = {id: [1, 2, 3] for id in kept["rows"]}
        content = json.dumps(kept)
    path.write_text(content)
    assert look() == expected
    assert len(parsed) == 3
    assert look() == expected
    assert parsed == []


def test_a_folder_that_cannot_be_written_is_read(three, look: Looked) -> None:
    (runs.runs_folder() / ".index").write_text("a file in the place of the folder")
    assert len(look()) == 3
