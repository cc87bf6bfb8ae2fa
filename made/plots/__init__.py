"""Data in, picture out, no state: plotly figures, PNG pictures, and the data of the live chart.

Every picture has a function of the same name with `_alt`, which says it in a sentence.
"""

from made.plots.curves import (
    NLL_LABEL,
    RECONSTRUCTION_LABEL,
    live_curve,
    live_curve_alt,
)
from made.plots.densities import (
    block_sum,
    dataset_marginals,
    dataset_marginals_alt,
    density_alt,
    density_panel,
    density_pictures,
    joint_histogram,
    log_ratio,
    log_ratio_alt,
    log_ratio_values,
)
from made.plots.growth import Sent
from made.plots.orderings import ordering_alt, ordering_png
from made.plots.palette import DATA, MODEL, PLACES, REFERENCE
from made.plots.pictures import (
    digit_grid,
    digit_grid_alt,
    icon,
    mask_alt,
    mask_picture,
    mean_picture,
    png_bytes,
    rows_picture,
    rows_picture_alt,
    thumbnail_png,
    variable_means,
)
from made.plots.series import smooth
from made.plots.thinned import Thinned, thin, thin_parts

__all__ = [
    "DATA",
    "MODEL",
    "NLL_LABEL",
    "PLACES",
    "RECONSTRUCTION_LABEL",
    "REFERENCE",
    "Sent",
    "Thinned",
    "block_sum",
    "dataset_marginals",
    "dataset_marginals_alt",
    "density_alt",
    "density_panel",
    "density_pictures",
    "digit_grid",
    "digit_grid_alt",
    "icon",
    "joint_histogram",
    "live_curve",
    "live_curve_alt",
    "log_ratio",
    "log_ratio_alt",
    "log_ratio_values",
    "mask_alt",
    "mask_picture",
    "mean_picture",
    "ordering_alt",
    "ordering_png",
    "png_bytes",
    "rows_picture",
    "rows_picture_alt",
    "smooth",
    "thin",
    "thin_parts",
    "thumbnail_png",
    "variable_means",
]
