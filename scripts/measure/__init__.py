"""What measurements share: figures and how they are shown, input, peers, a ledger to measure on."""
