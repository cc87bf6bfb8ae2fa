"""What the chapter of uses shows and says, and what the reader does in it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from made.base.text import significant
from made.lessons.changes import CHANGES, LEVELS, level_title
from made.lessons.compression import COMPRESSORS, empty_bits
from made.lessons.lesson import Facts
from made.views import inpainting
from made.views.surprise import COLOURS
from made.views.uses import HALVES, MADE, NUM_DIGITS, RAW, Costs, Uses, given_pixels

NUM_COMPLETIONS = 5
MOST_BITS = 8  # of a pixel in the map; what costs more looks the same
MOST_SHOWN = 192  # bits of a code


def content(found: Uses) -> dict[str, Any]:
    """What the drawing is sent. Pixels are texts of 0 and 1, maps 0 … 255 in base64."""
    digits, reader = found.digits, found.reader
    number = reader["digit"] % digits.count
    return {
        "columns": digits.shape[1],
        "title": digits.title(number),
        "isDrawn": not digits.shown.is_test,
        "count": digits.count,
        "colours": COLOURS,
        "most": MOST_BITS,
        "raw": len(found.row),
        "tiles": [
            {"name": change, "title": title, "variants": _variants(found.costs, change)}
            for change, title in CHANGES.items()
        ],
        "completion": _completion(found),
        "bars": _bars(found),
        "code": _code_said(found),
    }


def about_line(found: Uses) -> str:
    """Whose digits these are."""
    note = found.digits.shown.note
    return note or (
        f"{found.digits.count} digits of the test split, which training never saw, evenly spread "
        "over it."
    )


def _variants(costs: Costs, change: str) -> list[dict[str, Any]]:
    found = []
    for level in range(len(LEVELS.get(change, (0,)))):
        row, bits = costs.at(change, level)
        total = float(bits.sum())
        shades = np.round(255 * np.minimum(bits / MOST_BITS, 1)).astype(np.uint8)
        found.append(
            {
                "level": level_title(change, level),
                "ink": _ink(row),
                "map": base64.b64encode(shades.tobytes()).decode(),
                "bits": f"{significant(total)} bits",
                "nats": f"{significant(total * np.log(2))} nats",
                "more": total > len(row),
            }
        )
    return found


def _completion(found: Uses) -> dict[str, Any]:
    trust = inpainting.trust(found.answer)
    given = found.reader["given"] or "top"
    return {
        "known": _ink(given_pixels(found.digits.shape, given)),
        "rows": [_ink(row) for row in found.answer.rows[:NUM_COMPLETIONS]],
        "word": trust.word,
        "why": trust.why,
        "halves": [{"name": name, "title": title} for name, title in HALVES.items()],
    }


def _bars(found: Uses) -> list[dict[str, Any]]:
    """For each keeper its bits for the digit alone, and for one of 64 kept together."""
    digits = found.digits
    together = {name: file.bits / digits.count for name, file in digits.files.items()}
    together |= {RAW: len(found.row), MADE: float(digits.bits.mean())}
    said = {
        RAW: f"One bit a pixel: {len(found.row)}, whatever they show.",
        MADE: f"Bits of our own coder; together, the mean −log₂ p of {digits.count} digits.",
    }
    for name, file in digits.files.items():
        said[name] = (
            f"{empty_bits(name)} bits are spent on a file of nothing. Its better layout is taken: "
            f"alone {found.files[name].layout}, together {file.layout}."
        )
    return [
        {
            "name": name,
            "alone": alone,
            "aloneText": f"{alone:,}",
            "together": together[name],
            "togetherText": significant(together[name], 3),
            "empty": empty_bits(name) if name in COMPRESSORS else 0,
            "why": said[name],
        }
        for name, alone in found.lengths.items()
    ]


def _code_said(found: Uses) -> dict[str, Any]:
    bits, exact = found.code.bits, float(found.bits.sum())
    end = "decoded to the same digit" if found.code.is_same else "not decoded: other numbers"
    said = f"−log₂ p = {significant(exact)}"
    if exact > len(bits) + 1:
        said += "; no pixel costs our coder more than 32 bits"
    return {
        "bits": bits[:MOST_SHOWN] + (" …" if len(bits) > MOST_SHOWN else ""),
        "title": f"{len(bits):,} bits, {end}",
        "why": f"{said}.",
    }


def _ink(row: np.ndarray) -> str:
    return "".join("1" if value else "0" for value in row)


def uses_told(told: Any, before: Any) -> dict[str, Any]:
    """What the browser, or a lesson file, tells of the reader, where it can be.

    digit: its number. change: one of `CHANGES`; levels: of those that have some, places in
    `LEVELS`. given: the half that was asked for, or None. picked: whose bar, or None.
    """
    known: dict[str, Any] = {
        "digit": 0,
        "change": "none",
        "levels": dict.fromkeys(LEVELS, 0),
        "given": None,
        "picked": None,
    }
    options = {"change": CHANGES, "given": HALVES, "picked": (RAW, *COMPRESSORS, MADE)}
    for each in (before, told):
        if not isinstance(each, Mapping):
            continue
        if each.get("digit") in range(NUM_DIGITS):
            known["digit"] = int(each["digit"])
        for name, values in options.items():
            if each.get(name) in list(values):
                known[name] = each[name]
        levels = each.get("levels")
        for name, steps in LEVELS.items():
            if isinstance(levels, Mapping) and levels.get(name) in range(len(steps)):
                known["levels"] = known["levels"] | {name: int(levels[name])}
    return known


def uses_facts(found: Uses) -> Facts:
    """Facts of the chapter.

    bits, nats: -log p of the digit as it was changed. given: the half from which it was completed,
    "" before anybody asked; trust: the word for it. coded: bits of its code; is_same: whether they
    were decoded to it. picked: whose bar; picked_smallest: whether none keeps the digit in less.
    """
    bits, reader, lengths = float(found.bits.sum()), found.reader, found.lengths
    picked = reader["picked"]
    return {
        "digit": reader["digit"] % found.digits.count,
        "change": reader["change"],
        "bits": bits,
        "nats": bits * float(np.log(2)),
        "given": reader["given"] or "",
        "trust": inpainting.trust(found.answer).word,
        "coded": len(found.code.bits),
        "is_same": found.code.is_same,
        "picked": picked or "",
        "picked_smallest": picked is not None and lengths[picked] == min(lengths.values()),
    }
