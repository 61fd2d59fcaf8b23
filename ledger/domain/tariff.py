"""A table of rates, as the document that the rule book names by its hash (`RuleRegistry.setCodeList`).

    {"tamga": "tariff/1", "rates": [{"commodity": "0602", "duty": {"percent": "2.70"}, "vat": {"percent": "20.00"}}]}

A row holds for every commodity that begins with its digits; of several the longest counts, "" holds for all. Rates:
`percent` of the base, `per_unit` of the quantity, `combination` of both ("sum" or "greater"). The document's identity
is the SHA-256 of its RFC 8785 form.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from ledger.domain import canonical
from ledger.domain.duty import Combination, Rate, Tariff
from ledger.domain.errors import Fault, LimitExceeded, Malformed, NotFound
from ledger.domain.ids import Digest32

VERSION: Final = "tariff/1"
CHARGES: Final = ("duty", "vat", "excise", "anti_dumping", "agricultural")
"""Charges that a row may give a rate for, as `duty.Tariff` names them."""
MAX_ROWS: Final = 50_000
"""A national tariff has some 15,000 lines."""
_DIGITS: Final = re.compile(r"[0-9]{0,12}")
_AMOUNT: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,8})?")


@dataclass(frozen=True)
class TariffTable:
    """Rates by beginning of the commodity code.

    Attributes:
        digest: SHA-256 of the document's canonical form.
        rates: Rows.
    """

    digest: Digest32
    rates: Mapping[str, Tariff]

    def of(self, commodity: str) -> Tariff:
        """Rates of a commodity: those of its longest beginning. Raises `NotFound` if there are none."""
        for length in range(len(commodity), -1, -1):
            if commodity[:length] in self.rates:
                return self.rates[commodity[:length]]
        raise NotFound("rates of commodity", commodity)


def read_tariff(document: Mapping[str, Any]) -> TariffTable:
    """Return the table in a tariff document.

    Raises:
        Malformed: It is of another form; all faults at once, with their paths.
        LimitExceeded: More than `MAX_ROWS` rows.
    """
    rows = document.get("rates")
    if document.get("tamga") != VERSION or set(document) != {"tamga", "rates"} or not isinstance(rows, list):
        raise Malformed(Fault("unknown_version", "/tariff", f"not a document of the form {VERSION}"))
    if len(rows) > MAX_ROWS:
        raise LimitExceeded("tariff", MAX_ROWS)
    faults: list[Fault] = []
    rates: dict[str, Tariff] = {}
    for number, row in enumerate(rows):
        path = f"/tariff/rates/{number}"
        found = _row(row, path, faults)
        if found is None:
            continue
        commodity, tariff = found
        if commodity in rates:
            faults.append(Fault("duplicate", f"{path}/commodity", "an earlier row has the same commodity"))
        rates[commodity] = tariff
    if faults:
        raise Malformed(*faults)
    return TariffTable(Digest32(hashlib.sha256(canonical.dumps(dict(document))).digest()), rates)


def _row(row: Any, path: str, faults: list[Fault]) -> tuple[str, Tariff] | None:
    if not isinstance(row, Mapping) or not set(row) <= {"commodity", *CHARGES}:
        faults.append(Fault("bad_row", path, f"an object of commodity, {', '.join(CHARGES)}"))
        return None
    commodity = row.get("commodity")
    if not isinstance(commodity, str) or not _DIGITS.fullmatch(commodity):
        faults.append(Fault("bad_commodity", f"{path}/commodity", "at most 12 digits are needed"))
        return None
    duty, vat, excise, anti_dumping, agricultural = (
        _rate(row.get(name, {}), f"{path}/{name}", faults) for name in CHARGES
    )
    return commodity, Tariff(duty, vat, excise, anti_dumping, agricultural)


def _rate(found: Any, path: str, faults: list[Fault]) -> Rate:
    if not isinstance(found, Mapping) or not set(found) <= {"percent", "per_unit", "combination"}:
        faults.append(Fault("bad_rate", path, "an object of percent, per_unit, combination"))
        return Rate()
    percent, per_unit = (_decimal(found.get(name, "0"), f"{path}/{name}", faults) for name in ("percent", "per_unit"))
    try:
        return Rate(percent, per_unit, Combination(found.get("combination", "sum")))
    except ValueError:
        faults.append(Fault("bad_rate", f"{path}/combination", "sum or greater"))
        return Rate()


def _decimal(text: Any, path: str, faults: list[Fault]) -> Decimal:
    if isinstance(text, str) and _AMOUNT.fullmatch(text):
        return Decimal(text)
    faults.append(Fault("bad_amount", path, "a decimal number as text, with at most 8 decimals"))
    return Decimal(0)
