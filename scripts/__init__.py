"""Entry points of someone who works on the clone: `up`, `down`, `status`, `test`, `check` and their parts in `lib`."""
