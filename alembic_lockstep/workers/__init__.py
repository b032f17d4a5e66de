"""Child processes, each with the DB_TYPE of one dialect, since models choose their types while they are imported.

In the command's process: `pool` (which targets share a process, side by side or one after another) and `process` (one
child: start, request, end). In the child: `worker` (its main loop) and `work` (a function for each command).
`protocol` defines the messages between the two.
"""
