"""Migrations of one change for several databases on several dialects."""
