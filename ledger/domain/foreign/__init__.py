"""Documents of other systems that carry their own proof: OpenAttestation (TradeTrust) 2.0 and 3.0, W3C credentials.

They get the same questions as ours. What can be judged from the document alone is; what only another chain, status list
or name service knows is asked where configuration says how, and is UNDETERMINED otherwise. What a format cannot protect
is named beside the answer it weakens, whatever the answer is: see `weaknesses.py`.

Pure: bytes in, fragments out. Which calls a chain has to answer is decided here too (`stores.py`); a port makes them.
"""
