"""Reading the trade's own documents: declarations (WCO Data Model), certificates (ePhyto), their codes and references.

Pure: bytes in, typed values out. What comes from outside is bounded, and everything that is wrong with it is told at
once as `Malformed`, in the shape customs systems use: code, path, text (domain guide, 3.2).
"""
