"""Job batches for tests: give what matters, the rest is filled in."""

import numpy as np

from engine.queueing.broker import JobBatch

DTYPES = {
    "row": np.int32, "lane": np.int8, "partition": np.int32, "start": np.int64, "length": np.int32,
    "enqueued_ns": np.int64, "attempt": np.int32, "key": np.int64, "duplicate": np.bool_,
}  # fmt: skip
USUAL = {"length": 1, "attempt": 1}


def jobs(key, **columns):
    """A batch with these keys; other columns are lists, or one value for all."""
    columns["key"] = key
    filled = {name: columns.get(name, USUAL.get(name, 0)) for name in DTYPES}
    return JobBatch(**{name: np.array(np.broadcast_to(filled[name], len(key)), DTYPES[name]) for name in DTYPES})
