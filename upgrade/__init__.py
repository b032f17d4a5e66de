"""Migrations of one change for several databases on several dialects.

In the command's own process, which never imports models: `cli` and `guard` (what every command has in common),
`targets`, `message`, `migration` (make scripts), `operate` (live databases), `report` (what is printed), `workspace`
(staging, all or none), `children` (the workers).

In a worker, which has the DB_TYPE of its targets: `worker`, `chain` and `models` (load them), `generate`, `replay` and
`catalog` (a chain in memory), `directives` (the order and the meaning of operations), `renames`, `defaults` (of the
server), `proof`, `snapshot`, `walk` (up and down a chain), `roundtrip`, `live`.

In both: `change` (what they pass to each other), `errors`. What differs between dialects is in `dialects/`, the MySQL
servers for scratch databases in `servers/`, what plain Alembic runs in `environment/`.
"""
