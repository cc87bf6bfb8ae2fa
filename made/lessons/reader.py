"""What a reader has done with the small network, and the facts that tick the steps of a lesson."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from made.lessons.cross_entropy import CANDIDATES, cheaper
from made.lessons.lesson import Facts
from made.lessons.small_network import NUM_HIDDEN, SmallNetwork
from made.lessons.three_bits import NUM_VARIABLES, STATES

_NODES = {
    *(f"{layer}{index + 1}" for layer in "xo" for index in range(NUM_VARIABLES)),
    *(f"h{index + 1}" for index in range(NUM_HIDDEN)),
}


@dataclass(frozen=True)
class Reader:
    """x: the input that is set. selected: the output that is chosen, 1 … 3, or None.
    opened: a node such as "h2", a weight such as "h2-o2", or None. flipped: the inputs, 1 … 3, that
    were ever flipped. tried: the numbers 0 … 7 of all inputs that were ever set. chosen: the
    candidate that was called cheaper, or None.
    """

    x: tuple[int, ...] = (1, 0, 1)
    selected: int | None = None
    opened: str | None = None
    flipped: tuple[int, ...] = ()
    tried: tuple[int, ...] = (5,)
    chosen: str | None = None

    def as_sent(self) -> dict[str, Any]:
        return asdict(self)


def reader_told(told: Any, before: Reader) -> Reader:
    """What the browser tells, where it can be; whatever else it says leaves things as they were."""
    if not isinstance(told, dict):
        return before
    known: dict[str, Any] = {}
    x = told.get("x")
    if isinstance(x, list) and len(x) == NUM_VARIABLES and all(bit in (0, 1) for bit in x):
        known["x"] = tuple(int(bit) for bit in x)
    if told.get("selected") in (None, *range(1, NUM_VARIABLES + 1)):
        known["selected"] = told.get("selected")
    opened = told.get("opened")
    if opened is None or (isinstance(opened, str) and set(opened.split("-")) <= _NODES):
        known["opened"] = opened
    for name, numbers in (
        ("flipped", range(1, NUM_VARIABLES + 1)),
        ("tried", range(len(STATES))),
    ):
        some = told.get(name)
        if isinstance(some, list) and all(one in numbers for one in some):
            known[name] = tuple(sorted({int(one) for one in some}))
    if told.get("chosen") in (None, *CANDIDATES):
        known["chosen"] = told.get("chosen")
    return replace(before, **known)


def copying_facts(network: SmallNetwork, reader: Reader) -> Facts:
    """Facts of the chapter in which an autoencoder copies.

    strongest: for each input j, whether the unit that is open has the largest weight from it, as
    strongest_j. tried: how many of the eight inputs were set. all_copied: whether each came out.
    """
    largest = abs(network.first).argmax(axis=0)
    return {
        "selected": reader.selected or 0,
        "opened": reader.opened or "",
        "flipped": list(reader.flipped),
        "tried": len(reader.tried),
        "chosen": reader.chosen or "",
        "chose_cheaper": reader.chosen == cheaper(),
        "all_copied": network.num_copied == len(STATES),
        **{f"strongest_{j + 1}": reader.opened == f"h{k + 1}" for j, k in enumerate(largest)},
    }


def masks_facts(network: SmallNetwork, reader: Reader) -> Facts:
    """Facts of the chapter of masks.

    depends_d: the inputs, from 1, that some path joins to output d. selected_sees: those of the
    chosen output; selected_cheats: whether it is among them itself. removed_into: the output that a
    removed weight which is open led to, 0 if there is none.
    """
    setting, (_, kept) = network.setting, network.masks
    depends = [[j + 1 for j in network.depends(d)] for d in range(NUM_VARIABLES)]
    facts: dict[str, Any] = {f"depends_{d + 1}": sees for d, sees in enumerate(depends)}
    removed_into = 0
    if reader.opened is not None and reader.opened[0] == "h" and "-" in reader.opened:
        unit, output = (int(node[1:]) - 1 for node in reader.opened.split("-"))
        removed_into = 0 if kept[output, unit] else output + 1
    if reader.selected:
        facts["selected_sees"] = depends[reader.selected - 1]
        facts["selected_cheats"] = reader.selected in depends[reader.selected - 1]
    return {
        **facts,
        "selected": reader.selected or 0,
        "opened": reader.opened or "",
        "removed_into": removed_into,
        "masks_on": setting.is_masked,
        "autoregressive": network.is_autoregressive_by_masks,
        "degrees": list(setting.degrees),
        "is_natural": setting.position == tuple(range(NUM_VARIABLES)),
        "loss": network.loss,
        "total": network.total,
    }
