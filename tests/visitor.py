"""A visitor of the dashboard without a browser: a websocket that says what a browser would say.

It opens a page, changes pages as people do, sends back the state of what the page shows, and
answers the pulse of a part that follows a run (`pages/shared/pulse.js`). It connects to its own
machine only.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

PATIENCE = 60.0  # seconds for a page
LOST = 10  # as in pulse.js: times as long a pulse waits for an answer
BEAT = '[{"event":"beat","value":true}]'
TRIGGER = "$$STREAMLIT_INTERNAL_KEY_{}__events"
PULSE = "made_pulse"
# By the kind of a widget: where it says what it was set to, and where its state goes.
STATES = {
    "selectbox": ("raw_value", "string_value"),
    "checkbox": ("default", "bool_value"),
    "text_input": ("default", "string_value"),
    "button_group": ("raw_values", "string_array_value"),
}
SUCCESS, COMPILE_ERROR = (
    ForwardMsg.ScriptFinishedStatus.Value(f"FINISHED_{name}")
    for name in ("SUCCESSFULLY", "WITH_COMPILE_ERROR")
)
FRAGMENT = ForwardMsg.ScriptFinishedStatus.Value("FINISHED_FRAGMENT_RUN_SUCCESSFULLY")


@dataclass
class Seen:
    """What all visitors have seen. Times in seconds."""

    first_loads: list[float] = field(default_factory=list)
    changes: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refreshes: list[float] = field(default_factory=list)
    exceptions: Counter[str] = field(default_factory=Counter)
    unfinished: int = 0
    received: int = 0  # bytes


@dataclass
class _Pulse:
    id: str
    seconds: float
    run: int  # the number of the run of the page in which it was drawn
    timer: asyncio.Task[None] | None = None


class Visitor:
    """One session from its connection to its end; `visit` is its whole life."""

    def __init__(self, port: int, seen: Seen, seed: int) -> None:
        self.address = f"localhost:{port}"
        self.seen, self.chance = seen, random.Random(seed)
        self.pages: dict[str, str] = {}  # the id of each page, by its name
        self.page, self.query = "", ""
        self.states: dict[str, WidgetState] = {}
        self.pulses: dict[str, _Pulse] = {}  # by the fragment that asks to be drawn again
        self.kept: set[str] = set()  # messages that the server need not send again
        self.asked: dict[str, float] = {}  # when each fragment was asked for
        self.wanted = ""  # the page that is waited for
        self.is_drawn = asyncio.Event()
        self.runs = 0

    async def visit(self, until: float, think: tuple[float, float]) -> None:
        """Open the first page, and another one every few seconds.

        until: as `time.monotonic`. think: the least and the most seconds on a page.
        """
        try:
            async with websockets.connect(
                f"ws://{self.address}/_stcore/stream",
                subprotocols=[websockets.Subprotocol("streamlit")],
                origin=websockets.Origin(f"http://{self.address}"),
                max_size=None,
                open_timeout=PATIENCE,
                ping_interval=None,
            ) as self.socket:
                reader = asyncio.create_task(self._read())
                browsing = asyncio.create_task(self._browse(until, think))
                try:
                    # Who cannot read what comes waits for no page.
                    await asyncio.wait([reader, browsing], return_when=asyncio.FIRST_COMPLETED)
                    if reader.done():
                        await reader
                        self.seen.exceptions["connection: closed by the server"] += 1
                    else:
                        await browsing
                finally:
                    for pulse in self.pulses.values():
                        _end(pulse)
                    reader.cancel()
                    browsing.cancel()
        except (OSError, websockets.WebSocketException) as error:
            self.seen.exceptions[f"connection: {error!r}"[:200]] += 1

    async def _browse(self, until: float, think: tuple[float, float]) -> None:
        if (took := await self._open("")) is not None:
            self.seen.first_loads.append(took)
        while self.pages and time.monotonic() < until:
            await asyncio.sleep(self.chance.uniform(*think))
            if time.monotonic() >= until:
                return
            name = self.chance.choice(list(self.pages))
            if (took := await self._open(self.pages[name])) is not None:
                self.seen.changes[name].append(took)

    async def _open(self, page: str) -> float | None:
        """Go to a page; how long it took to be drawn whole, None where it never was."""
        for pulse in self.pulses.values():
            _end(pulse)
        self.pulses, self.states, self.asked, self.query = {}, {}, {}, ""
        self.wanted = page
        self.is_drawn.clear()
        begun = time.perf_counter()
        await self._ask(page)
        try:
            await asyncio.wait_for(self.is_drawn.wait(), PATIENCE)
        except TimeoutError:
            self.seen.unfinished += 1
            return None
        return time.perf_counter() - begun

    async def _ask(self, page: str, fragment: str = "", pulse: _Pulse | None = None) -> None:
        message = BackMsg()
        run = message.rerun_script
        run.page_script_hash, run.fragment_id, run.query_string = page, fragment, self.query
        run.cached_message_hashes.extend(self.kept)
        run.context_info.timezone, run.context_info.url = "UTC", f"http://{self.address}/"
        run.context_info.locale, run.context_info.color_scheme = "en-US", "light"
        run.widget_states.SetInParent()
        if pulse is not None:
            run.widget_states.widgets.extend(self.states.values())
            trigger = run.widget_states.widgets.add()
            trigger.id, trigger.json_trigger_value = TRIGGER.format(pulse.id), BEAT
        await self.socket.send(message.SerializeToString())

    async def _read(self) -> None:
        async for content in self.socket:
            assert isinstance(content, bytes)
            self.seen.received += len(content)
            message = ForwardMsg()
            message.ParseFromString(content)
            if message.metadata.cacheable:
                self.kept.add(message.hash)
            self._hear(message)

    def _hear(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.page = message.new_session.page_script_hash
            self.runs += 1
        elif kind == "navigation":
            listed = message.navigation.app_pages
            self.pages = {
                page.page_name: page.page_script_hash for page in listed if not page.is_hidden
            }
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "delta":
            self._hear_delta(message.delta)
        elif kind == "script_finished":
            self._hear_end(message.script_finished)

    def _hear_delta(self, delta: Delta) -> None:
        if delta.WhichOneof("type") != "new_element":
            return
        element = delta.new_element
        kind = element.WhichOneof("type")
        shown: Any = getattr(element, kind or "", None)
        if kind == "exception":
            self.seen.exceptions[f"{shown.type}: {shown.message}"[:200]] += 1
        elif kind == "bidi_component" and shown.component_name.endswith(PULSE):
            self._hear_pulse(delta.fragment_id, shown.id, json.loads(shown.json)["seconds"])
        elif kind in STATES:
            source, target = STATES[kind]
            state = self.states.setdefault(shown.id, WidgetState(id=shown.id))
            value = getattr(shown, source)
            if kind == "button_group":
                state.string_array_value.ClearField("data")
                state.string_array_value.data.extend(value)
            else:
                setattr(state, target, value)

    def _hear_pulse(self, fragment: str, id: str, seconds: float) -> None:
        if fragment in self.pulses:
            _end(self.pulses[fragment])
        pulse = self.pulses[fragment] = _Pulse(id, seconds, self.runs)
        pulse.timer = asyncio.create_task(self._beat(fragment, pulse))

    async def _beat(self, fragment: str, pulse: _Pulse) -> None:
        wait = pulse.seconds
        while True:
            await asyncio.sleep(wait)
            await self.is_drawn.wait()  # as the browser does
            self.asked[fragment] = time.perf_counter()
            await self._ask(self.page, fragment, pulse)
            wait = LOST * pulse.seconds

    def _hear_end(self, status: int) -> None:
        if status == FRAGMENT:
            drawn = [id for id, pulse in self.pulses.items() if pulse.run == self.runs]
            for fragment in drawn:
                if fragment in self.asked:
                    self.seen.refreshes.append(time.perf_counter() - self.asked.pop(fragment))
        elif status in (SUCCESS, COMPILE_ERROR) and self.wanted in ("", self.page):
            # What was not drawn in this run of the page is not there any more.
            for fragment in [id for id, pulse in self.pulses.items() if pulse.run != self.runs]:
                _end(self.pulses.pop(fragment))
            self.is_drawn.set()


def _end(pulse: _Pulse) -> None:
    if pulse.timer is not None:
        pulse.timer.cancel()
