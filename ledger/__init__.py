"""Tamga: a permissioned ledger for trade documents."""
