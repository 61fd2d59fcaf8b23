"""What the law asks of an act before it is done, so that all that stands against it is told at once.

A contract stops at its first objection. Here each act's guards stand side by side, in the order and under the errors of
the contract, and all of them are judged at one block. What is asked of whom, of authority, validity or representation,
the contracts answer themselves; states and amounts are judged by the twins in `ledger.domain`. None of this lets an act
pass or keeps it from passing: it is asked only once the contract has refused, and the contract's own objection comes
first. A test puts every act of the twins' walks to both.
"""
