"""The application's migrations: a folder per dialect, and the data parts that revisions share."""
