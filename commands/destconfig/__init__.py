"""destconfig: per-destination delivery controls."""
