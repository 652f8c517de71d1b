"""Where every value that a person may set comes from: flag > environment > pdsync.toml > default."""
