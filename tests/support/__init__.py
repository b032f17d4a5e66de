"""What tests, benchmarks and the demonstration share: a project to work in, chains of revisions, and servers."""
