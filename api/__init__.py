"""The facade: an HTTP API without any authority of its own."""
