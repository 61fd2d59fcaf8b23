"""Shapes of answers, by subject."""
