"""The main job, played on a running ledger: real documents, real keys, real contracts, the facade over HTTP.

Not part of the product: it uses it, as its participants would. Each of them signs with its own key; acts travel
through the facade and the ActForwarder; governance sends its own transactions. Every act has a deterministic nonce, so
playing it again skips what the chain already holds and goes on where it was cut short.
"""
