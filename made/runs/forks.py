"""A process that has loaded all that training needs, and forks into the worker of a run.

    python -m made.runs.forks DESCRIPTOR

A process of its own spends over two seconds on imports before its first minibatch; a fork of this
one spends none. The dashboard keeps one such parent, which ends with it; the workers, each in a
session of its own, outlive both. The parent never computes with more than one thread: those of
OpenMP do not survive a fork. It never asks for a GPU either, whose driver does not survive one.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from made.base.files import open_end
from made.base.places import PROJECT
from made.base.threads import prepare_waiting
from made.runs import line
from made.runs.folder import Run
from made.runs.jobs import LOCAL, Launcher, worker_environment
from made.setups import extensions

NICENESS = 5
READY = b"ready"
NO_GPU = {"CUDA_VISIBLE_DEVICES": ""}
# A loaded parent forks within milliseconds; one that does not is given up.
REPLY_SECONDS = 2.0


def can_fork() -> bool:
    """Whether this system can fork a process that has torch loaded."""
    return sys.platform == "linux"


class ForkingLauncher:
    """Workers forked from a parent that is kept ready; without one each is started `otherwise`."""

    def __init__(self, otherwise: Launcher = LOCAL) -> None:
        self.otherwise = otherwise
        self._lock = threading.Lock()
        self._parent: _Parent | None = None
        self._is_wanted = False

    def warm_up(self) -> None:
        """Start the parent, unless there is one; it loads in the background."""
        if not can_fork():
            return
        self._is_wanted = True
        with self._lock:
            if self._parent is None or not self._parent.is_alive():
                self._drop()
                self._parent = _Parent()

    def is_ready(self) -> bool:
        """Whether the next launch is a fork."""
        return self._parent is not None and self._parent.is_ready()

    def parent_id(self) -> int | None:
        """The process id of the parent, if there is one."""
        return None if self._parent is None else self._parent.pid

    def launch(self, run: Run) -> int | None:
        """Fork the worker of a run where that can be done at once, else start it otherwise."""
        if line.waits_uncalled(run):
            return None
        if _is_plain(run):
            with self._lock:
                if self._parent is not None and self._parent.is_ready():
                    pid = self._parent.fork(run)
                    if pid is not None:
                        return pid
                    self._drop()
        # Should a fork have begun all the same, the second worker finds the first one's status.
        pid = self.otherwise.launch(run)
        if self._is_wanted:
            self.warm_up()
        return pid

    def close(self) -> None:
        """Let the parent end; its workers go on."""
        self._is_wanted = False
        self._drop()

    def _drop(self) -> None:
        if self._parent is not None:
            self._parent.close()
            self._parent = None


FORKING = ForkingLauncher()


def _is_plain(run: Run) -> bool:
    """Whether the parent can read the run's configuration, and one process trains it on the CPU.

    The first step of any optimiser asks torch for a GPU, after which no fork can use one.
    """
    is_on_cpu = run.recorded.device == "cpu" and run.config.training.num_devices == 1
    return is_on_cpu and not extensions.origins(run.config)


class _Parent:
    """The dashboard's end of the parent process."""

    def __init__(self) -> None:
        self._connection, theirs = Pipe()
        descriptor = theirs.fileno()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "made.runs.forks", str(descriptor)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=PROJECT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **NO_GPU},
            pass_fds=(descriptor,),
            start_new_session=True,
        )
        theirs.close()
        self._is_ready = False
        threading.Thread(target=self._process.wait, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def is_ready(self) -> bool:
        """Whether all is loaded; never waits."""
        if not self._is_ready:
            with suppress(OSError, EOFError):
                self._is_ready = self._connection.poll() and self._connection.recv_bytes() == READY
        return self._is_ready and self.is_alive()

    def fork(self, run: Run) -> int | None:
        """Let the parent fork the worker of a run; its process id, or None where it does not."""
        request = {
            "id": run.id,
            "log": str(run.path / "log.txt"),
            "environment": worker_environment(run.path.parent, run.config),
        }
        try:
            self._connection.send_bytes(json.dumps(request).encode())
            if self._connection.poll(REPLY_SECONDS):
                return int(self._connection.recv_bytes())
        except (OSError, EOFError, ValueError):
            pass
        return None

    def close(self) -> None:
        """The parent ends as soon as it finds nobody at the other end."""
        self._connection.close()


def serve(connection: Connection) -> None:
    """Be the parent: load, say so, and fork a worker for each request until nobody is there."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The system buries the workers itself: one that nobody waits for would look alive for ever.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with suppress(OSError):
        os.nice(NICENESS)
    load()
    gc.collect()
    gc.freeze()
    with suppress(OSError, EOFError):
        connection.send_bytes(READY)
        while True:
            request = json.loads(connection.recv_bytes())
            pid = os.fork()
            if pid == 0:
                connection.close()
                become_worker(request)
            connection.send_bytes(str(pid).encode())


def load() -> None:
    """Import what a worker will need, down to what torch itself imports at the first step."""
    prepare_waiting()
    import torch

    torch.set_num_threads(1)
    import made.runs.worker
    import made.training.trainer  # noqa: F401

    weight = torch.zeros(1, requires_grad=True)
    weight.grad = torch.zeros(1)
    torch.optim.Adam([weight]).step()


def become_worker(request: dict[str, Any]) -> None:
    """Never returns: this process, a fork, executes one run and ends."""
    code = 1
    try:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        log = open_end(Path(request["log"]))
        for descriptor in (1, 2):
            os.dup2(log.fileno(), descriptor)
        os.environ.clear()
        os.environ.update(request["environment"] | NO_GPU)
        from made.runs import worker

        code = worker.main([request["id"]])
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # Not by sys.exit: what the parent registered to be done at its end is not for its forks.
        os._exit(code)


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
