"""What stays on disk and who writes it: folder, store, writer, line, jobs, worker, launchers."""

from made.base.places import runs_folder
from made.runs.folder import LIVING, RESUMABLE, Run
from made.runs.records import MAX_LABEL_LENGTH
from made.runs.store import create, delete, list_runs, rename

__all__ = [
    "LIVING",
    "MAX_LABEL_LENGTH",
    "RESUMABLE",
    "Run",
    "create",
    "delete",
    "list_runs",
    "rename",
    "runs_folder",
]
