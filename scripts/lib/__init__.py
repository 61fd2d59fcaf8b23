"""What the commands in `scripts/` do.

Each command is one module with `run(options) -> exit code`, its arguments are in `arguments`; `enter` installs what
is missing and starts it inside `.venv`. What `enter` itself imports uses the standard library only, and so do `down`
and `status`, which need nothing installed.
"""
