"""Whatever lies in a run folder: no traceback, no waiting, no memory, and all other runs as before.

The long form damages every file in every way of `broken_folders`, cuts each at every byte, and
looks with the library, the command line and the pages, while time and memory are measured:

    python -m pytest -m long tests/runs/test_fuzz_folders.py
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import broken_folders
import pytest
from broken_folders import FILES, KINDS, SMALL_CONTENTS, Damage, filled, torn
from hypothesis import given, settings
from hypothesis import strategies as st
from looks import Onlooker

from made.base import places
from made.runs.folder import Run

# The run that all of them damage is trained once.
pytestmark = pytest.mark.xdist_group("fuzzed folders")
VICTIM, GOOD = "20260101-000000-000000", "20260102-000000-000001"
SLOW = {"50 MB of JSON", "a bomb"}  # to make
CONFIGS = ("16 layers of 65,536 units", "torn", "another dataset", "5 million mask sets")
GROUPS = {
    "status": ("status.json",),
    "texts": tuple(name for name in FILES if name.endswith((".json", ".jsonl", "request"))),
    "arrays": tuple(name for name in FILES if name.endswith((".npz", ".npy", ".f32"))),
    "tensors": tuple(name for name in FILES if name.endswith(".safetensors")),
}
DAMAGES = {said: filled(content) for said, content in SMALL_CONTENTS.items()} | KINDS


@pytest.fixture(scope="module")
def onlooker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Onlooker]:
    """Two whole runs: one to be damaged, again and again, and one that never changes."""
    folder, nothing = tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("shipped")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MADE_RUNS_DIR", str(folder))
        patch.setattr(places, "shipped_folder", lambda: nothing)
        run = broken_folders.whole_run()
        whole = folder.parent / "whole"
        shutil.rmtree(whole, ignore_errors=True)
        run.path.rename(whole)
        shutil.copytree(whole, folder / GOOD)
        yield Onlooker(whole, Run(VICTIM, folder / VICTIM), Run.open(GOOD))


def damaged(onlooker: Onlooker, names: tuple[str, ...], damage: Damage) -> Run:
    """The victim anew, with some of its files damaged."""
    run = onlooker.restored()
    for name in names:
        damage(run.path / name)
    return run


def test_every_damage_in_some_file_breaks_nothing_that_is_shown(onlooker: Onlooker) -> None:
    for place, (said, damage) in enumerate(DAMAGES.items()):
        if said not in SLOW:
            name = FILES[place % len(FILES)]
            damaged(onlooker, (name,), damage)
            onlooker.look(f"{name}: {said}")


def test_arrays_of_wrong_sizes_in_any_file_break_nothing(onlooker: Onlooker) -> None:
    for name in GROUPS["arrays"]:
        damaged(onlooker, (name,), DAMAGES["wrong sizes"])
        onlooker.look(f"{name}: wrong sizes")


def test_a_configuration_of_any_kind_breaks_nothing_that_is_shown(onlooker: Onlooker) -> None:
    for said in CONFIGS:
        damaged(onlooker, ("config.json",), DAMAGES[said])
        onlooker.look(said, bounded=True)


def test_at_the_command_line_a_broken_run_is_a_sentence(onlooker: Onlooker) -> None:
    damaged(onlooker, ("config.json",), DAMAGES[CONFIGS[0]])
    onlooker.command(CONFIGS[0])


@settings(max_examples=15)
@given(st.sampled_from(FILES), st.floats(0, 1))
def test_a_file_that_is_torn_anywhere_breaks_nothing(
    onlooker: Onlooker, name: str, share: float
) -> None:
    content = (onlooker.whole / name).read_bytes()
    place = int(share * len(content))
    damaged(onlooker, (name,), filled(content[:place]))
    onlooker.look(f"{name}: cut at byte {place}")


@settings(max_examples=15)
@given(st.sampled_from(FILES), st.binary(max_size=200), st.integers(0, 5000))
def test_bytes_that_are_put_anywhere_break_nothing(
    onlooker: Onlooker, name: str, noise: bytes, place: int
) -> None:
    content = (onlooker.whole / name).read_bytes()
    place %= len(content) + 1
    damage = filled(content[:place] + noise + content[place + len(noise) :])
    damaged(onlooker, (name,), damage)
    onlooker.look(f"{name}: {noise!r} at byte {place}")


@pytest.mark.parametrize("said", ["every field 1e+300", "a FIFO", "wrong sizes"])
def test_pages_show_what_is_left(onlooker: Onlooker, said: str) -> None:
    damaged(onlooker, tuple(name for name in FILES if name != "config.json"), DAMAGES[said])
    onlooker.visit(said)


@pytest.mark.parametrize("said", CONFIGS[:2])
def test_pages_show_other_runs_where_a_configuration_is_odd(onlooker: Onlooker, said: str) -> None:
    damaged(onlooker, ("config.json",), DAMAGES[said])
    onlooker.visit(said)


@pytest.mark.long
@pytest.mark.timeout(36_000)
@pytest.mark.parametrize("name", FILES)
def test_long_every_damage_of_every_file(onlooker: Onlooker, name: str) -> None:
    for said, damage in DAMAGES.items():
        damaged(onlooker, (name,), damage)
        onlooker.look(f"{name}: {said}", bounded=True)
        onlooker.command(f"{name}: {said}", bounded=True)
    for said, damage in torn(onlooker.whole / name):
        damaged(onlooker, (name,), damage)
        onlooker.look(f"{name}: {said}")


@pytest.mark.long
@pytest.mark.timeout(36_000)
@pytest.mark.parametrize("group", GROUPS)
def test_long_every_damage_on_every_page(onlooker: Onlooker, group: str) -> None:
    for said, damage in DAMAGES.items():
        damaged(onlooker, GROUPS[group], damage)
        onlooker.visit(f"{group}: {said}", bounded=True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all files")
def test_files_without_rights_break_nothing(onlooker: Onlooker) -> None:
    damaged(onlooker, FILES, KINDS["without rights"])
    onlooker.look("without rights")


def test_the_corpus_is_large_enough() -> None:
    assert len(DAMAGES) >= 60
