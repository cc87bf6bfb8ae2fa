"""Which epochs keep their pictures: dense at first, where most is learned, then ever sparser."""

from __future__ import annotations

GROWTH = 1.25  # from one kept epoch to the next, once they are no longer neighbours
MAX_BYTES = 32_000_000  # of all pictures of a run


def is_in_series(epoch: int) -> bool:
    """Whether an epoch is one of 0, 1, 2, … and then each about a quarter further.

    >>> [epoch for epoch in range(40) if is_in_series(epoch)]
    [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 19, 24, 30, 38]
    """
    mark = 0
    while mark < epoch:
        mark = max(mark + 1, round(mark * GROWTH))
    return mark == epoch


def surplus(kept: list[int], best: int | None, sizes: dict[int, int]) -> list[int]:
    """Epochs to let go of, so that the rest is the series, the best and the newest of them.

    kept: ascending. sizes: bytes of each. Where the rest is still too large, every other epoch of
    it goes, over and over; the first, the best and the newest stay.

    >>> surplus([0, 1, 6, 7, 8, 9], best=7, sizes={})
    []
    >>> surplus([0, 6, 7, 8, 9, 10], best=7, sizes={})
    [9]
    >>> surplus([0, 1, 2, 3, 4], best=1, sizes=dict.fromkeys(range(5), MAX_BYTES // 4))
    [2]
    """
    if not kept:
        return []
    safe = {kept[0], kept[-1], best}
    rest = [epoch for epoch in kept if epoch in safe or is_in_series(epoch)]
    while sum(sizes.get(epoch, 0) for epoch in rest) > MAX_BYTES:
        others = [epoch for epoch in rest if epoch not in safe]
        if not others:
            break
        gone = set(others[::2])
        rest = [epoch for epoch in rest if epoch not in gone]
    return [epoch for epoch in kept if epoch not in rest]
