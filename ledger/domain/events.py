"""Which event belongs to which entity: pure, by the names of its arguments.

One word per thing holds over all contracts, so an argument's name tells the entity:

    caseId                  declaration:<case>, and debt:<case>
    permit                  permit:0x<key>
    recordId, evidence      document:0x<record id>      (evidence 0 is none)
    issuer                  issuer:<participant>
    participant, client…    participant:<id>
    actor, key              key:0x<address>

An entity id is text: kind, colon, id; ids in decimal or in lower-case 0x hex.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
