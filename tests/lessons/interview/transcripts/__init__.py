"""Transcripts of known quality: the answers (answers/*.toml), and real runs of those designs (runs/*.json)."""
