"""The only place that names adapters: puts together what a face needs, from settings.

Each module does so for one need, and imports what that takes: a command starts with what it uses. Adapters whose
libraries take long to import (SQLAlchemy, web3.py, Kubo's) are imported by the functions that use them.
"""
