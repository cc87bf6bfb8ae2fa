"""Pictures: what they show is what they were given."""

import numpy as np

from made import plots


def test_every_picture_can_be_said_in_a_sentence(random_joint):
    joint = random_joint(5)
    sentences = [
        plots.density_alt([("data", joint)]),
        plots.log_ratio_alt([("raw", joint)], joint),
        plots.dataset_marginals_alt(joint),
        plots.digit_grid_alt(25, (28, 28), "samples"),
        plots.rows_picture_alt(np.ones((3, 4), dtype=int), "samples"),
        plots.mask_alt([np.ones((4, 3), dtype=bool)]),
    ]
    for sentence in sentences:
        assert sentence.endswith(".")
        assert any(character.isdigit() for character in sentence)
