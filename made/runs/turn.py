"""Whose turn it is: wait in line for a device, and hold what a run needs of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from made.base import devices
from made.base.devices import prepare_torch
from made.runs import calls, line
from made.runs.folder import Run
from made.runs.writer import RunWriter
from made.setups import cores

POLL_SECONDS = 0.2
CALL_SECONDS = 1.0  # between two looks at who is next


def all_devices(run: Run, first: str) -> list[str]:
    """One for each process of the run, from its first device on."""
    return devices.following(first, run.config.training.num_devices)


def num_threads(run: Run) -> int:
    """With how many threads each process of a run trains that has been in line."""
    return cores.recorded_threads(run.config, run.recorded.threads)


@contextmanager
def turn(
    run: Run, writer: RunWriter, obey: Callable[[], None], say: Callable[[str], None]
) -> Iterator[str]:
    """Hold the device that the run stands in line for, or what torch can use instead; its name.

    Of the CPU as many slots as the run has threads.

    obey: called while waiting; what it raises ends the waiting. say: gets what happens.
    Raises MadeError where torch cannot use a device that was asked for by name.
    """
    device = run.recorded.device
    with _held(run, device, writer, obey, say):
        say("Loading PyTorch.")
        last = all_devices(run, device)[-1]
        usable = prepare_torch(run.config.training.device, last)
        if usable == last:
            yield device
            return
    line.enter(run, usable, writer)
    with _held(run, usable, writer, obey, say):
        yield usable


@contextmanager
def given(
    run: Run, writer: RunWriter, obey: Callable[[], None], say: Callable[[str], None]
) -> Iterator[str]:
    """As `turn`, of a run whose device an engine has put aside for this process: nobody waits."""
    writer.update(state="starting", pid=os.getpid())
    obey()
    say("Loading PyTorch.")
    device = run.recorded.device
    last = all_devices(run, device)[-1]
    usable = prepare_torch(run.config.training.device, last)
    yield device if usable == last else usable


@contextmanager
def _held(
    run: Run,
    device: str,
    writer: RunWriter,
    obey: Callable[[], None],
    say: Callable[[str], None],
) -> Iterator[None]:
    """Hold a device, after all earlier runs in its line, and those that it shares with."""
    is_first_look, looks = True, calls.Looks(CALL_SECONDS)
    count = cores.slots_taken(run.config, num_threads(run)) if device == "cpu" else 1
    with ExitStack() as held:
        # All runs take several devices in the same order, so none waits for one that waits.
        for name in dict.fromkeys(all_devices(run, device)):
            while True:
                obey()
                if name != device or line.is_next(run, device):
                    taken = line.take(name, count)
                    if taken is not None:
                        held.enter_context(taken)
                        break
                if is_first_look:
                    writer.update(state="queued", pid=os.getpid())
                    say(f"Waiting for {name}.")
                    is_first_look = False
                looks.look()
                time.sleep(POLL_SECONDS)
        writer.update(state="starting", message="", pid=os.getpid())
        line.leave(run)
        calls.call_next()
        yield
