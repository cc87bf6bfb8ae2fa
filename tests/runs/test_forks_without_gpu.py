"""The parent of the workers never meets a GPU: a run on one has a process of its own."""

import pytest
from worker_process import settings

from made import runs
from made.runs import forks
from made.runs.writer import RunWriter

pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize(("device", "is_forked"), [("cpu", True), ("cuda:0", False)])
def test_only_a_run_on_the_cpu_is_forked(device, is_forked):
    run = runs.create(settings())
    RunWriter(run).update(device=device)
    assert forks._is_plain(run) == is_forked
