"""The study of encodings: runs that differ in the encoding alone."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from compared_runs import RINGS

from made.model.encodings import ENCODINGS
from made.studies import encoding_study

pytestmark = pytest.mark.usefixtures("folder")


def test_the_variants_differ_in_the_encoding_alone_and_cover_the_registry() -> None:
    variants = list(encoding_study.encoding_variants(RINGS).values())
    assert [variant.model.encoding for variant in variants] == list(ENCODINGS)
    assert all(set(variant.differences(RINGS)) <= {"encoding"} for variant in variants)


def test_a_baseline_without_an_encoding_is_no_subject_of_the_study() -> None:
    assert encoding_study.encodings_problem(RINGS) is None
    assert "encoding" in encoding_study.encodings_problem(RINGS.replace(model="marginals"))
    assert "categories" in encoding_study.encodings_problem(RINGS.replace(head="bernoulli"))


def test_runs_count_as_in_flight_while_one_of_them_lives() -> None:
    variants = encoding_study.encoding_variants(RINGS).values()
    runs = [SimpleNamespace(config=config, state="finished") for config in variants]
    assert encoding_study.runs_in_flight(RINGS, runs) == {}
    runs[2].state = "training"
    assert list(encoding_study.runs_in_flight(RINGS, runs).values()) == runs
    assert encoding_study.runs_in_flight(RINGS.replace(epochs=3), runs) == {}
