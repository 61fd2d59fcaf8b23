"""An EVM chain over JSON-RPC: reading, writing, the ABI, deployment."""
