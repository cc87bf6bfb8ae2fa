"""Tables agree with the run folders."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from compared_runs import NLL, encodings, make_row

from made import runs
from made.model.encodings import ENCODINGS
from made.runs.notes import Notes
from made.setups.config import field_title
from made.views import comparison, comparison_tables
from made.views.comparison import TEST_ERROR, TEST_NLL

pytestmark = pytest.mark.usefixtures("folder")


def test_the_file_of_figures_keeps_every_digit() -> None:
    rows = encodings()
    read = list(csv.DictReader(io.StringIO(comparison_tables.csv_text(rows))))
    assert [float(line[TEST_NLL]) for line in read] == [NLL] * len(ENCODINGS)
    assert [line["encoding"] for line in read] == list(ENCODINGS)
    assert [line["Id"] for line in read] == [row.id for row in rows]


def test_all_settings_or_only_those_that_differ() -> None:
    rows = encodings()
    few, many = (comparison_tables.runs_table(rows, only) for only in (True, False))
    assert "Input encoding" in few
    assert field_title("learning_rate") not in few
    with_effect = {field_title(name) for row in rows for name in row.settings}
    assert with_effect <= set(many)
    assert set(few) < set(many)
    assert list(many["Samples"]) == [1000] * len(ENCODINGS)


def test_the_settings_that_differ_are_those_of_the_ticked_runs() -> None:
    rows = [make_row(encoding=name, seed=seed) for name in ("raw", "bits") for seed in (0, 1)]
    seed = field_title("seed")
    every = comparison_tables.runs_table(rows)
    assert {"Input encoding", seed} <= set(every)
    of_two = comparison_tables.runs_table(rows, ticked=[rows[0].id, rows[1].id])
    assert seed in of_two
    assert "Input encoding" not in of_two
    of_one = comparison_tables.runs_table(rows, ticked=[rows[0].id])
    assert set(of_one) == set(every)


def test_figures_show_in_as_many_decimals_as_tell_them_apart_and_errors_in_those() -> None:
    table = pd.DataFrame(
        {
            TEST_NLL: [10.5416, 10.5458, 10.5531],
            TEST_ERROR: [0.0027, 0.0027, 0.0027],
            "Parameters": [469_392, 1, 2],
            field_title("learning_rate"): [0.0003, 0.001, 0.003],
            field_title("seed"): [12345, 1, 2],
            "Name": ["a", "b", "c"],
        }
    )
    assert comparison_tables.number_formats(table) == {
        TEST_NLL: "%.3f",
        TEST_ERROR: "%.3f",
        "Parameters": "localized",
        field_title("learning_rate"): "plain",
        field_title("seed"): "%d",
    }


def test_what_is_noted_has_columns_only_where_something_is() -> None:
    rows = [make_row("one"), make_row("two")]
    assert not {"Tags", "Colour", "Note"} & set(comparison_tables.runs_table(rows))
    runs.annotate(runs.Run.open(rows[0].id), Notes(tags=("a",), colour="blue"))
    rows[0] = comparison.read_row(runs.Run.open(rows[0].id))
    table = comparison_tables.runs_table(rows)
    assert list(table["Tags"]) == [["a"], []]
    assert "Note" not in table
    assert comparison_tables.dot("blue").startswith("data:image/svg+xml,%3Csvg")
    assert comparison_tables.dot("") == ""


def test_archived_runs_are_found_by_tags_and_no_default() -> None:
    rows = [make_row(f"rings, {name}", encoding=name) for name in ("raw", "bits")]
    for row in rows:
        runs.annotate(runs.Run.open(row.id), Notes(tags=("old",), archived=True))
    rows = comparison.read_rows(runs.list_runs())
    assert len(comparison.matching(rows, [], "OLD raw")) == 1
    assert comparison.default_selection(rows) == []
