"""Migrations of one change for several databases on several dialects.

In the command's own process, which never imports models: `cli` and `guard` (what every command has in common),
`targets`, `message`, `migration` (make scripts), `operate` (live databases), `trial` (round trips), `twins` (do they
agree?), `report`, `page` and `github` (what people read), `workspace` (staging, all or none), `children` (the workers).

In a worker, which has the DB_TYPE of its targets: `worker`, `chain` and `models` (load them), `live`;
to make a script: `generate`, `replay` (a chain in memory), `directives` (the order and the meaning of operations),
`foreign_keys` (what they ask of it), `indexes`, `operations`, `drops` (what would be lost), `renames`, `defaults` (of
the server), `proof`;
to try revisions: `roundtrip` (a chain), `rounds` (up, down and up), `checks` (what became of rows), `stage` (the
scratch database), `walk` (up and down a chain), `snapshot` and `ddl` (a schema, and reading one), `logical` (what types
mean), `rows`, `values` and `losses` (put in, and missed), `cases` (of a revision's own), `source` (its file).

For the revisions themselves: `batches` (rows rewritten), `data_parts/` (what those of this application do with rows).

In both: `change` and `verdict` (what they pass to each other), `errors`. What differs between dialects is in
`dialects/`, the MySQL server in memory in `memory/`, real ones for scratch databases in `servers/`, what plain Alembic
runs in `environment/`.
"""
