"""What the tests try of all combinations is few, and leaves no meeting of a few choices out."""

from itertools import combinations, product

import pytest
from combinations import covering

CHOICES = {"colour": "rgb", "size": "ml", "shape": "abcd", "place": "xy"}


@pytest.mark.parametrize("strength", [1, 2, 3, 4])
def test_any_few_choices_meet_in_one_of_few_combinations(strength: int) -> None:
    found = [*covering(CHOICES, strength)]
    for kinds in combinations(CHOICES, strength):
        expected = set(product(*(CHOICES[kind] for kind in kinds)))
        assert {tuple(chosen[kind] for kind in kinds) for chosen in found} == expected
    assert len(found) <= {1: 4, 2: 14, 3: 28, 4: 48}[strength]
