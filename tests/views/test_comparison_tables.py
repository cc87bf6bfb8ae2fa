"""Tables agree with the run folders."""

from __future__ import annotations

import csv
import io

import pytest
from compared_runs import NLL, encodings

from made.model.encodings import ENCODINGS
from made.setups.config import field_title
from made.views import comparison_tables
from made.views.comparison import TEST_NLL

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
