"""The migrations of the application: a folder a dialect, and what their revisions do with rows."""
