"""The network of the set-up, drawn small beside the controls; it grows while its run trains."""

from __future__ import annotations

from pathlib import Path

from made.datasets import DatasetInfo
from made.setups.checks import misfit
from made.setups.config import ExperimentConfig
from made.views import network_drawing, ordering_views
from pages.shared.component import DRAWING, component
from pages.shared.pulse import pulse
from pages.shared.session import fragment, looked_at

REFRESH_SECONDS = 2.0
_drawing = component(Path(__file__).parent, "small-network", DRAWING)


def network_panel(config: ExperimentConfig, info: DatasetInfo) -> None:
    """The drawing; while the run that is looked at lives, it alone is drawn again and again."""
    if misfit(config, info) is not None:
        return
    run_id = looked_at()
    every = REFRESH_SECONDS if network_drawing.is_growing(run_id) else None
    fragment(_panel)(config, info, run_id, every)


def _panel(
    config: ExperimentConfig, info: DatasetInfo, run_id: str | None, every: float | None
) -> None:
    masks = ordering_views.masks_of(config, info)
    drawn = network_drawing.content(config, info, masks)
    _drawing(data={**drawn, "sizes": network_drawing.sizes(config, run_id)}, key="network")
    pulse("network", every)
