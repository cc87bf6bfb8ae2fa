"""One run on several devices: the processes that share its minibatches, seen from the worker.

torchrun starts one process a device, each of which executes `made.training.ranks`. The worker
keeps the lock of the run and stays its only writer; it asks the first process for events and
states, one at a time. They talk over a socket, which is the standard input of all processes: it
hangs up when the worker is gone, however it went, and then they end. When one of them fails,
torchrun ends the others, and the worker is told so by the same socket.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from safetensors import numpy as arrays
from safetensors import torch as tensors

from made.base.errors import MadeError
from made.base.places import PROJECT
from made.setups import extensions
from made.setups.changes import Change, news
from made.setups.config import ExperimentConfig
from made.training.events import EVENTS, EpochEnd, Event, Finished
from made.training.failures import TrainingFailure
from made.training.path import EnginePath
from made.training.state import MEETING, BestWeights, Stored, TrainingState

LOOPBACK = "127.0.0.1"
LOOK_SECONDS = 0.5
END_SECONDS = 10.0
LENGTHS = struct.Struct("!QQ")
ARRAYS = {"losses", "log_probs"}  # fields of events that are one array

Message = tuple[dict[str, Any], bytes]


class Group:
    """Stands for the `Trainer` of a run whose minibatches several processes share.

    devices: one a process. checkpoint: what to go on from. log: gets the output of all processes.
    num_threads: of each process.
    Raises MadeError where they cannot be brought to life.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        devices: list[str],
        checkpoint: Path | None,
        log: Path,
        num_threads: int,
    ):
        extensions.require_importable(config)
        self.config, self.num_processes = config, len(devices)
        self.best: BestWeights | None = None
        # Where whoever opens the run for writing sweeps, should this process be killed.
        self.folder = TemporaryDirectory(prefix=MEETING, dir=log.parent)
        job = {
            "config": config.model_dump_json(),
            "devices": devices,
            "checkpoint": checkpoint and str(checkpoint),
        }
        Path(self.folder.name, "job.json").write_text(json.dumps(job), "utf-8")
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(LOOK_SECONDS)
        with theirs, log.open("ab") as output:
            self.process = subprocess.Popen(
                _command(len(devices), self.folder.name),
                stdin=theirs.fileno(),
                stdout=output,
                stderr=subprocess.STDOUT,
                env=_environment(config, num_threads),
                start_new_session=True,
            )
        try:
            self.path = EnginePath(**self._ask("path")[0])
        except BaseException:
            self.close()
            raise

    def events(self) -> Generator[Event, None, None]:
        """What the trainer of the first process yields. The processes end with this generator."""
        try:
            while True:
                event = unpack_event(self._ask("next"))
                yield event
                if isinstance(event, Finished):
                    return
        finally:
            self.close()

    def change(self, values: Mapping[str, Any]) -> Change | None:
        """Raises MadeError: the processes would have to agree on the step."""
        news(self.config, values)
        return None

    def step_by_step(self, is_on: bool) -> None:
        """Raises MadeError: the processes would have to agree on each step."""
        if is_on:
            raise MadeError("A run on several devices cannot be held: let it train on one.")

    def state(self) -> TrainingState:
        return TrainingState.from_stored(*self._ask_stored("state"))

    def best_weights(self) -> BestWeights:
        return self.best or BestWeights.from_stored(*self._ask_stored("best"))

    def close(self) -> None:
        """End all processes and wait until they are gone."""
        self.socket.close()
        ends: list[Callable[[], None]] = [lambda: None, self.process.terminate, self.process.kill]
        for end in ends:
            end()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(END_SECONDS)
                break
        self.folder.cleanup()

    def _ask_stored(self, word: str) -> Stored:
        metadata, content = self._ask(word)
        return tensors.load(content), metadata

    def _ask(self, word: str) -> Message:
        """The answer of the first process to a word. Raises the MadeError that it met."""
        try:
            self.socket.sendall(word.encode() + b"\n")
            lengths = LENGTHS.unpack(self._receive(LENGTHS.size))
            header, content = json.loads(self._receive(lengths[0])), self._receive(lengths[1])
        except OSError:
            raise self._lost() from None
        if "failure" in header:
            # The first process still lives, and may have better weights than the last checkpoint.
            self.best = BestWeights.from_stored(*self._ask_stored("best"))
            raise TrainingFailure(header["failure"], header["step"])
        return header, content

    def _receive(self, count: int) -> bytes:
        content = bytearray(count)
        view = memoryview(content)
        while view:
            try:
                received = self.socket.recv_into(view)
            except TimeoutError:
                if self.process.poll() is None:
                    continue
                received = 0
            if not received:
                raise ConnectionResetError
            view = view[received:]
        return bytes(content)

    def _lost(self) -> MadeError:
        """Why the processes are gone: the failure that one of them has left, or that none did."""
        for path in sorted(Path(self.folder.name).glob("failure-*.json")):
            failure = json.loads(path.read_bytes())
            return TrainingFailure(failure["failure"], failure["step"])
        return MadeError(
            f"One of the {self.num_processes} processes that share the minibatches ended before "
            "the run: it was killed, or met an error that log.txt in the run folder shows."
        )


def _command(num_processes: int, folder: str) -> list[str]:
    """torchrun on this machine alone, which finds a free port for itself."""
    options = ["--standalone", "--local-addr", LOOPBACK, "--nproc-per-node", str(num_processes)]
    module = ["--log-dir", folder, "--module", "made.training.ranks", folder]
    return [sys.executable, "-m", "torch.distributed.run", *options, *module]


def _environment(config: ExperimentConfig, num_threads: int) -> dict[str, str]:
    """Each process gets its share of the cores and finds this package; gloo stays on the machine,
    whatever its host name resolves to."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(num_threads)}
    environment |= extensions.environment(config)
    paths = [str(PROJECT), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    for name, addresses in psutil.net_if_addrs().items():
        if any(address.address == LOOPBACK for address in addresses):
            environment.setdefault("GLOO_SOCKET_IFNAME", name)
    return environment


def pack(header: Mapping[str, Any], content: bytes = b"") -> bytes:
    """A message: the lengths of both parts, the header as JSON, and the content."""
    head = json.dumps(header, default=lambda number: number.item()).encode()
    return LENGTHS.pack(len(head), len(content)) + head + content


def pack_stored(stored: Stored) -> bytes:
    """What goes into a checkpoint: the text as the header, the tensors as safetensors."""
    values, metadata = stored
    return pack(metadata, tensors.save({key: value.contiguous() for key, value in values.items()}))


def pack_event(event: Event) -> bytes:
    """An event by its name and fields; arrays go as safetensors."""
    fields = dict(vars(event))
    content = fields.pop("samples", {})
    for name in ARRAYS & fields.keys():
        array = fields.pop(name)
        content |= {} if array is None else {name: array}
    return pack({"kind": type(event).__name__, **fields}, arrays.save(content))


def unpack_event(message: Message) -> Event:
    fields, content = message
    kind = EVENTS[fields.pop("kind")]
    values = arrays.load(content)
    fields |= {"samples": values} if kind is EpochEnd else values
    return kind(**fields)
