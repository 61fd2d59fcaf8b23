"""What the commands print: one line per step, with its time; a spinner while it works on a terminal."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

try:
    from rich.console import Console
    from rich.markup import escape
except ImportError:  # before the installation
    HAVE_RICH = False
else:
    HAVE_RICH = True


def say(line: str) -> None:
    """Print one line."""
    print(line, flush=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Show that `text` is being done, and how long it took. The block may `say` lines of its own."""
    began = time.monotonic()
    if HAVE_RICH and sys.stdout.isatty():
        with Console(highlight=False).status(escape(text)):
            yield
    elif sys.stdout.isatty():
        print(f"· {text} …", end="\r", flush=True)
        yield
    else:
        say(f"· {text} …")
        yield
    say(f"✓ {text} ({time.monotonic() - began:.1f} s)")
