"""What stays on disk and who writes it: folder, store, writer, line, jobs, worker, launchers."""

from made.runs.folder import (
    LIVING,
    MAX_LABEL_LENGTH,
    RESUMABLE,
    Run,
    create,
    delete,
    list_runs,
    rename,
    runs_folder,
)

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
