"""Many runs that differ on purpose: grids, seeds, figures with errors, published numbers."""

from typing import TYPE_CHECKING

from made.base.face import hand_out

if TYPE_CHECKING:
    from made.studies.folder import StoredStudy, find_study, list_studies
    from made.studies.published import PUBLISHED, Published
    from made.studies.results import Result, read_results
    from made.studies.study import Axis, Study

__all__ = [
    "PUBLISHED",
    "Axis",
    "Published",
    "Result",
    "StoredStudy",
    "Study",
    "find_study",
    "list_studies",
    "read_results",
]
__getattr__ = hand_out(
    __name__,
    {
        "PUBLISHED": "published",
        "Axis": "study",
        "Published": "published",
        "Result": "results",
        "StoredStudy": "folder",
        "Study": "study",
        "find_study": "folder",
        "list_studies": "folder",
        "read_results": "results",
    },
)
