"""What holds for every test."""

from hypothesis import settings

# A slow machine is no fault of the code: speed lives in scripts/bench, never in a timed test.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
