"""What stays on disk and who writes it: folder, store, writer, line, jobs, worker, launchers."""

from made.base.places import runs_folder
from made.runs.bin import delete, restore
from made.runs.folder import LIVING, RESUMABLE, Run
from made.runs.notes import Notes
from made.runs.records import MAX_LABEL_LENGTH
from made.runs.store import annotate, create, list_runs, rename

__all__ = [
    "LIVING",
    "MAX_LABEL_LENGTH",
    "RESUMABLE",
    "Notes",
    "Run",
    "annotate",
    "create",
    "delete",
    "list_runs",
    "rename",
    "restore",
    "runs_folder",
]
