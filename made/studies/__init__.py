"""Many runs that differ on purpose: their figures, results and published numbers."""

from typing import TYPE_CHECKING

from made.base.face import hand_out

if TYPE_CHECKING:
    from made.studies.published import PUBLISHED, Published
    from made.studies.results import Result, read_results

__all__ = ["PUBLISHED", "Published", "Result", "read_results"]
__getattr__ = hand_out(
    __name__,
    {
        "PUBLISHED": "published",
        "Published": "published",
        "Result": "results",
        "read_results": "results",
    },
)
