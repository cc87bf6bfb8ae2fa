"""Numbers and lists as a person reads them: the one home of every number format."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

DASH = "–"  # stands where there is nothing to say
ROUNDING = 1e-12  # of a value: an error below is that of the arithmetic
MOST_DECIMALS = 12
HUGE = 1e12
MOST_MORE = 3  # digits beyond the usual ones, to tell two figures apart
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def significant(value: float | None, digits: int = 4) -> str:
    """A number in so many significant digits; a dash for None and for what is not finite.

    >>> significant(10.5312), significant(0.011041), significant(1234567.8)
    ('10.53', '0.01104', '1,234,568')
    >>> significant(0.00001234), significant(0.5, digits=2), significant(math.nan)
    ('1.234e-05', '0.50', '–')
    """
    if value is None or not math.isfinite(value):
        return DASH
    if value == 0:
        return "0"
    scientific = f"{value:.{digits - 1}e}"
    exponent = int(scientific.partition("e")[2])
    if -4 <= exponent < 7:
        return f"{value:,.{max(digits - 1 - exponent, 0)}f}"
    return scientific


def with_error(value: float | None, error: float | None, *, more: int = 0) -> str:
    """A number and its standard error, in the decimals that two digits of the error need.

    more: so many decimals beyond that, or fewer where it is negative. Without an error, or with
    one that is not finite, the number alone in four significant digits.

    >>> with_error(88.9243, 0.2289), with_error(0.06561, 0.00182), with_error(1234.5, 321.4)
    ('88.92 ± 0.23', '0.0656 ± 0.0018', '1,234 ± 321')
    >>> with_error(0.02277, None), with_error(2.5, 1e-17), with_error(88.9243, 0.2289, more=1)
    ('0.02277', '2.500 ± 0', '88.924 ± 0.229')
    """
    text = significant(value, 4 + more)
    if value is None or text == DASH or error is None or not math.isfinite(error):
        return text
    if error <= ROUNDING * abs(value):
        return f"{text} ± 0"
    if max(abs(value), error) >= HUGE:
        return f"{text} ± {significant(error, 2)}"
    exponent = int(f"{error:.1e}".partition("e")[2])
    decimals = min(max(max(1 - exponent, 0) + more, 0), MOST_DECIMALS)
    return f"{value:,.{decimals}f} ± {error:,.{decimals}f}"


def told_apart(
    values: Sequence[float | None],
    errors: Sequence[float | None] | None = None,
    *,
    decimals: int | None = None,
) -> list[str]:
    """Numbers of one table, in as many digits as it takes to see which of them differ.

    errors: of each number its standard error, which is shown with it and says how many decimals it
    has. decimals: of the others, by default those of four significant digits. Where two of either
    kind look alike, all of that kind have up to three digits more.

    >>> told_apart([10.5416, 10.5458, 10.5531]), told_apart([10.5415, 10.6])
    (['10.542', '10.546', '10.553'], ['10.54', '10.60'])
    >>> told_apart([88.0432, 88.9243], [0.22, 0.23]), told_apart([0.02277, None], decimals=4)
    (['88.04 ± 0.22', '88.92 ± 0.23'], ['0.0228', '–'])
    """
    pairs = list(zip(values, errors or [None] * len(values), strict=True))
    texts = [""] * len(pairs)
    for has_error in (False, True):
        places = [
            place for place, (_, error) in enumerate(pairs) if (error is not None) == has_error
        ]
        alike = [pairs[place] for place in places]
        *fewer, most = (_texts(alike, decimals, more) for more in range(MOST_MORE + 1))
        least = (some for some in fewer if _num_different(some) == _num_different(most))
        for place, text in zip(places, next(least, most), strict=True):
            texts[place] = text
    return texts


def tick(value: float) -> str:
    """Two digits and no zero behind them, for the ticks of a scale.

    >>> tick(0.0104), tick(0.5), tick(0.00001)
    ('0.01', '0.5', '1e-5')
    """
    return f"{value:.2g}".replace("e-0", "e-")


def whole(number: int | None) -> str:
    """An integer to the last digit; a dash for None.

    >>> whole(60000), whole(None)
    ('60,000', '–')
    """
    return DASH if number is None else f"{number:,}"


def exact(value: Any) -> str:
    """A value in as few characters as give it back; a dash for None.

    >>> exact(0.001), exact(1 / 3), exact(100000), exact(True), exact(None)
    ('0.001', '0.3333333333333333', '100000', 'yes', '–')
    >>> exact((512, 512)), exact(()), exact("even")
    ('512, 512', 'none', 'even')
    """
    if value is None:
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, float) and float(f"{value:g}") == value:
        return f"{value:g}"
    return str(value)


def shown(value: Any) -> str:
    """A value in a table: numbers that were measured in four significant digits.

    >>> shown(86.51234), shown(3753440), shown(False), shown(None), shown("cpu")
    ('86.51', '3,753,440', 'no', '–', 'cpu')
    """
    if isinstance(value, float):
        return significant(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return whole(value)
    return exact(value)


def short_count(number: float) -> str:
    """About how many, in three significant digits.

    >>> short_count(999), short_count(628_123), short_count(1_500_000)
    ('999', '628k', '1.5M')
    """
    return _scaled(number, {"G": 1e9, "M": 1e6, "k": 1e3}) or f"{number:.0f}"


def short_bytes(number: float) -> str:
    """About how many bytes, in decimal units and three significant digits.

    >>> short_bytes(12), short_bytes(2_500_000)
    ('12 bytes', '2.5 MB')
    """
    units = {" TB": 1e12, " GB": 1e9, " MB": 1e6, " kB": 1e3}
    return _scaled(number, units) or f"{number:.0f} bytes"


def duration(seconds: float | None) -> str:
    """About how long.

    >>> duration(0.2), duration(40), duration(90), duration(None)
    ('under 1 s', 'about 40 s', 'about 1.5 min', 'an unknown time')
    """
    if seconds is None or not math.isfinite(seconds):
        return "an unknown time"
    if seconds < 1:
        return "under 1 s"
    units = (("days", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    unit, length = next(pair for pair in units if seconds >= 1.5 * pair[1] or pair[0] == "s")
    value = seconds / length
    decimals = 1 if value < 9.95 and unit != "s" else 0
    return f"about {f'{value:.{decimals}f}'.removesuffix('.0')} {unit}"


def clock(seconds: float) -> str:
    """How long, to the second.

    >>> clock(42.4), clock(3700)
    ('0:42', '1:01:40')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun; many: its plural where an s does not make it.

    >>> counted(1, "run"), counted(2000, "run"), counted(2, "child", "children")
    ('1 run', '2,000 runs', '2 children')
    """
    return f"{number:,} {noun(number, one, many)}"


def noun(number: int, one: str, many: str = "") -> str:
    """A noun as it stands behind a number.

    >>> noun(1, "run"), noun(2, "run")
    ('run', 'runs')
    """
    return one if number == 1 else many or f"{one}s"


def spelled(number: int) -> str:
    """A small number as a word.

    >>> spelled(6), spelled(12)
    ('six', '12')
    """
    return _WORDS[number] if number < len(_WORDS) else str(number)


def first_few(names: Sequence[str], most: int) -> str:
    """The first few names, and how many more there are.

    >>> first_few(["a", "b", "c"], 3), first_few(["a", "b", "c", "d"], 2)
    ('a, b, c', 'a, b and 2 more')
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _texts(
    pairs: Sequence[tuple[float | None, float | None]], decimals: int | None, more: int
) -> list[str]:
    """Numbers with their errors, in so many digits more than they need by themselves."""
    texts = []
    for value, error in pairs:
        is_plain = error is None and value is not None and math.isfinite(value)
        if decimals is not None and is_plain:
            texts.append(f"{value:,.{decimals + more}f}")
        else:
            texts.append(with_error(value, error, more=more))
    return texts


def _num_different(texts: Sequence[str]) -> int:
    return len({text.partition(" ± ")[0] for text in texts})


def _scaled(number: float, units: dict[str, float]) -> str | None:
    """In the largest unit that the number reaches once it is rounded; None below all of them."""
    for unit, size in units.items():
        if number >= 0.9995 * size:
            value = number / size
            decimals = 2 if value < 9.995 else 1 if value < 99.95 else 0
            text = f"{value:.{decimals}f}"
            return f"{text.rstrip('0').rstrip('.') if decimals else text}{unit}"
    return None
