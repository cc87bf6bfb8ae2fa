"""Ways over the pixels of an image, which are numbered row by row from 0.

Each takes (height, width) and gives every pixel once, int64 (height * width,).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

Step = tuple[int, int]  # rows down, columns to the right


def columns(height: int, width: int) -> np.ndarray:
    """Column by column, each from the top down."""
    return _numbers(height, width).T.ravel()


def snake(height: int, width: int) -> np.ndarray:
    """Row by row, to the right and back in turn, so that each pixel neighbours the one before."""
    pixels = _numbers(height, width)
    pixels[1::2] = pixels[1::2, ::-1]
    return pixels.ravel()


def spiral(height: int, width: int) -> np.ndarray:
    """From the centre outwards in one line; each pixel neighbours the one before."""
    pixels, rim = _numbers(height, width), []
    while pixels.size:
        rim.append(pixels[0])
        # What is left, turned so that its next side lies on top.
        pixels = np.rot90(pixels[1:])
    return np.concatenate(rim)[::-1]


def hilbert(height: int, width: int) -> np.ndarray:
    """Along a Hilbert curve, generalised to any rectangle: near on the way is near in the image.

    Each pixel neighbours the one before, but for one diagonal step where the sides are such that
    there is no other way. A rectangle is cut in two across its longer side where it is long, else
    into three parts as in Hilbert's square, and both again (after J. Červený's construction).
    """
    along, across = ((0, width), (height, 0)) if width >= height else ((height, 0), (0, width))
    return np.array([row * width + column for row, column in _curve((0, 0), along, across)])


def spaced(height: int, width: int) -> np.ndarray:
    """From coarse to fine: a wide grid of pixels first, then the ones between, ever denser."""
    rows, columns = np.divmod(np.arange(height * width), width)
    both = rows | columns | 1 << 30
    # The lowest bit of both coordinates is the width of the coarsest grid that has the pixel.
    return np.argsort(-(both & -both), kind="stable")


def checkerboard(height: int, width: int) -> np.ndarray:
    """The black squares of a board row by row, then the white ones, each among known neighbours."""
    rows, columns = np.divmod(np.arange(height * width), width)
    return np.argsort((rows + columns) % 2, kind="stable")


def _numbers(height: int, width: int) -> np.ndarray:
    return np.arange(height * width).reshape(height, width)


def _curve(start: Step, along: Step, across: Step) -> Iterator[Step]:
    """The pixels of a rectangle, entered at one corner and left at the one next to it.

    start: the corner. along, across: its two sides from there, one of them vertical; the way
    ends at the far end of `along`.
    """
    length, breadth = _length(along), _length(across)
    if breadth == 1 or length == 1:
        step = _unit(along if breadth == 1 else across)
        for place in range(max(length, breadth)):
            yield _plus(start, _times(step, place))
        return
    half, half_across = _half(along), _half(across)
    rest, rest_across = _minus(along, half), _minus(across, half_across)
    if 2 * length > 3 * breadth:
        if _length(half) % 2 and length > 2:
            half = _plus(half, _unit(along))
            rest = _minus(along, half)
        yield from _curve(start, half, across)
        yield from _curve(_plus(start, half), rest, across)
        return
    if _length(half_across) % 2 and breadth > 2:
        half_across = _plus(half_across, _unit(across))
        rest_across = _minus(across, half_across)
    yield from _curve(start, half_across, half)
    yield from _curve(_plus(start, half_across), along, rest_across)
    back = _plus(_minus(along, _unit(along)), _minus(half_across, _unit(across)))
    yield from _curve(_plus(start, back), _times(half_across, -1), _times(rest, -1))


def _length(side: Step) -> int:
    return abs(side[0] + side[1])


def _unit(side: Step) -> Step:
    """One pixel along a side."""
    return (int(np.sign(side[0])), int(np.sign(side[1])))


def _half(side: Step) -> Step:
    return _times(_unit(side), _length(side) // 2)


def _plus(one: Step, other: Step) -> Step:
    return (one[0] + other[0], one[1] + other[1])


def _minus(one: Step, other: Step) -> Step:
    return (one[0] - other[0], one[1] - other[1])


def _times(step: Step, factor: int) -> Step:
    return (step[0] * factor, step[1] * factor)
