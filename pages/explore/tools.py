"""The tools of Explore: one line here and one module, with a `show(place, run)`, each."""

from typing import NamedTuple


class Tool(NamedTuple):
    """icon: a name of the Material symbols. module: loaded when the tool is first used."""

    title: str
    icon: str
    module: str


TOOLS = {
    "xray": Tool("X-ray", "frame_inspect", "pages.explore.xray"),
    "slow-motion": Tool("Slow motion", "slow_motion_video", "pages.explore.slow_motion"),
    "inpainting": Tool("Inpainting", "brush", "pages.explore.inpainting"),
    "surprise": Tool("Surprise", "local_fire_department", "pages.explore.surprise"),
    "two": Tool("Two at once", "compare_arrows", "pages.explore.two"),
    "masks": Tool("Masks", "grid_on", "pages.explore.masks"),
    "samples": Tool("Samples", "grid_view", "pages.explore.samples"),
}
