"""Numbers too small for a processor: zeros in training, and themselves again behind it."""

import torch

from made.base.threads import tiny_as_zero


def halved() -> int:
    """How many of some numbers just above the smallest normal one are left after halving."""
    return (torch.full((1000,), 1.2e-38) * 0.5).count_nonzero().item()


def test_tiny_numbers_are_zeros_for_as_long_as_it_is_said() -> None:
    assert halved() == 1000
    with tiny_as_zero():
        assert halved() == 0
    assert halved() == 1000
