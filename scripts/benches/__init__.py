"""Measurements and trials; `scripts/bench` lists them."""
