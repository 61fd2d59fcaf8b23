"""What a user asks for: sealing, anchoring, acting, verifying, auditing."""
