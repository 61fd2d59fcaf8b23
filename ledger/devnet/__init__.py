"""Real chains and real nodes on loopback: what `scripts/up` runs and what the tests start.

Standard library only, because `scripts/up` uses it before anything is installed. No code of the product
imports it: a ledger is reached by its JSON-RPC address, whoever started the node.

    with engines.running_chain(Engine.GANACHE, state=tmp_path) as chain:
        chain.rpc_url, chain.chain_id, chain.process.kill()
"""
