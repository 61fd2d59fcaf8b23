"""The gas table: what each act costs on a real node, beside the least that its rules allow.

`meter` measures, `stage` has the parties and what they have in common, `papers`, `cases` and `money` play the acts, and
`table` makes `tests/contracts/gas.json` of it.
"""
