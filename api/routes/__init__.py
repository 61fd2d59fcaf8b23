"""Routes: each reads its request, asks a service, shapes the answer."""
