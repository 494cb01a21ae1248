"""The history of kernels, in one SQLite file for each user.

In: one record for each cell execution. Out: sessions, and one session's records.
Never: blocks or breaks an execution, stores values, knows what a slice is.
"""

from jupyter_slicer.store.kernel import describe_kernel
from jupyter_slicer.store.place import MEMORY, store_path
from jupyter_slicer.store.reader import HistoryReader
from jupyter_slicer.store.records import (
    AmbientChange,
    ExecutionRecord,
    KernelHistory,
    KernelInfo,
    LocationWrite,
    SessionSummary,
    StoreSize,
    StoreStatus,
    WriteKind,
)
from jupyter_slicer.store.writer import HistoryWriter, StoreWarning

__all__ = [
    "MEMORY",
    "AmbientChange",
    "ExecutionRecord",
    "HistoryReader",
    "HistoryWriter",
    "KernelHistory",
    "KernelInfo",
    "LocationWrite",
    "SessionSummary",
    "StoreSize",
    "StoreStatus",
    "StoreWarning",
    "WriteKind",
    "describe_kernel",
    "store_path",
]
