"""Few combinations of many choices, in which any few choices still meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product

import numpy as np


def covering(choices: Mapping[str, Sequence[str]], strength: int) -> Iterator[dict[str, str]]:
    """Combinations such that any `strength` choices of different kinds meet in one of them.

    A fault that needs no more choices to show is found by one of these as by all combinations
    (Kuhn et al., "Software Fault Interactions and Implications for Software Testing", 2004). They
    are picked greedily, each the first of those with the most meetings that are not had yet.
    """
    sizes = [len(options) for options in choices.values()]
    all_of_them = np.array(list(product(*map(range, sizes))))
    kinds = list(combinations(range(len(sizes)), strength))
    # Which meeting of each `strength` kinds every combination has, (number of kinds, combinations).
    meetings = [
        np.ravel_multi_index(all_of_them[:, kind].T, [sizes[k] for k in kind]) for kind in kinds
    ]
    missing = [np.ones(meeting.max() + 1, dtype=bool) for meeting in meetings]
    while any(wanted.any() for wanted in missing):
        news = sum(wanted[has].astype(int) for wanted, has in zip(missing, meetings, strict=True))
        best = np.argmax(news)
        for wanted, has in zip(missing, meetings, strict=True):
            wanted[has[best]] = False
        options = zip(choices.items(), all_of_them[best], strict=True)
        yield {kind: values[option] for (kind, values), option in options}
