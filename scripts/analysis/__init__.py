"""Proofs about the contracts: static analysis, coverage, mutation and symbolic execution."""
