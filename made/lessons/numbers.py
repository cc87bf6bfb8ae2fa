"""How the small network's numbers are written: short, and never 0 or 1 where they are not."""

from __future__ import annotations


def number(value: float) -> str:
    """Two decimals: -1.41; 0 for what is exactly 0."""
    return f"{value:.2f}" if value else "0"


def probability(value: float) -> str:
    """Two decimals, three close to 0 and 1, so that a probability below 1 never reads 1.00."""
    is_close = min(value, 1 - value) < 0.005
    return f"{min(max(value, 0.001), 0.999):.3f}" if is_close else f"{value:.2f}"


def slope(value: float) -> str:
    """A derivative in few characters: .06, -.16, .004; 0 for what is exactly 0 and nothing else."""
    if not value:
        return "0"
    digits = f"{abs(value):.2f}" if abs(value) >= 0.005 else f"{max(abs(value), 0.001):.3f}"
    return ("-" if value < 0 else "") + digits.removeprefix("0")
