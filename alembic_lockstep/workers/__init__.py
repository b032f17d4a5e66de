"""Child processes, each with the DB_TYPE of one dialect.

`pool`, `process` run in the command's process, `worker` and `work` in the child, `protocol` in both. What a worker
calls is in the rooms below; what happens with its results is decided in `commands`.
"""
