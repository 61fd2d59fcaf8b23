"""How the ports are met: files, chains, databases, keystores."""
