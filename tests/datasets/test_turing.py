"""The portrait is the joint of the exercise."""

import math


def test_the_portrait_has_the_figures_of_the_exercise(at_hand):
    dataset = at_hand("turing-joint", num_samples=100_000)
    assert dataset.joint.shape == (200, 200)
    assert math.isclose(dataset.joint.sum(), 1, rel_tol=1e-12)
    assert round(2 * math.log(dataset.num_categories), 4) == 10.5966
    assert round(dataset.independence, 4) == 10.5524
    assert round(dataset.entropy, 4) == 10.5198
    assert len(dataset.train) == 80_000
