"""What acts mean in words, and what their inputs are.

given every act of every contract
  → it has a sentence, and no sentence is of another; it is of the trade's words, and not of the contracts'
  → each of its fields stands in it, but for those that only a machine reads, and nothing else does
  → with values of its own no brace and no field's name is left
  → each of its fields is an input with a kind, words and a form; no line of the table is of no field
given acts as they come → the sentence that their signer reads
"""

import re
from collections.abc import Iterator, Sequence
from string import Formatter
from typing import Any

import pytest

from ledger.adapters.evm.contracts import Contracts
from ledger.domain.act_inputs import IN, INPUTS, Kind, described
from ledger.domain.act_meanings import description, meaning
from ledger.domain.act_sentences import SENTENCES
from ledger.domain.passports import ACTS, Input
from ledger.ports.contracts import ActParam
from ledger.services.act_values import shown
from ledger.services.passports import passports

CODEC = Contracts.packaged()
EVERY = [(contract, function) for contract, functions in ACTS.items() for function in functions]
BEHIND = {"reason", "evidence"}
"""Told behind each sentence."""
COMPARED = {"permit", "anchor"}
"""Structs that prove what is told."""
UNSAID = {
    *("requestId", "expectedVersion", "lrnMac"),  # ids of requests, and what others need not see
    *("r", "s", "v", "deadline", "permit", "proposal"),  # of a signature; of what is restated in full
    *("root", "terms", "anchor", "index", "path", "registry", "operatorType", "act"),
}
"""Fields that tell a person nothing, or that the contract compares with what is told."""
NOT_OF_THE_TRADE = re.compile(
    r"→|\[[A-Z_]|\b[A-Z]+_[A-Z_]+|revert|\bbytes\d|\buint\d|keccak|Same authority|By an? [A-Z]"
)


def members(param: ActParam) -> list[str]:
    return [member.name for member in param.members] if param.struct and not param.is_list else []


def fields_in(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_every_act_has_a_sentence_and_no_other_has() -> None:
    assert {c: set(f) for c, f in SENTENCES.items()} == {c: set(f) for c, f in ACTS.items()}


@pytest.mark.parametrize(("contract", "function"), EVERY)
def test_a_sentence_is_plain_and_names_what_the_act_says(contract: str, function: str) -> None:
    sentence = SENTENCES[contract][function]
    assert re.fullmatch(r"[A-Z{].*[.]", sentence)
    assert not NOT_OF_THE_TRADE.search(re.sub(r"\{.*?\}", "", sentence))
    params = CODEC.parameters(contract, function)
    fields = {param.name for param in params}
    fields |= {name for param in params if param.name not in COMPARED for name in members(param)}
    told = fields_in(sentence)
    assert told <= fields, "nothing that is not in the act"
    structs = {param.name for param in params if members(param)}
    untold = fields - told - BEHIND - UNSAID - structs
    if {"kind"} <= told:  # an act of two officers tells its items and its control with its kind
        untold -= {"from", "to", "control"}
    assert not untold


def value(param: ActParam, *, in_list: bool = False) -> Any:
    """A value as it is decoded, that a person would notice."""
    if param.is_list and not in_list:
        return [value(param, in_list=True)] * 2
    if param.struct:
        return {member.name: value(member) for member in param.members}
    if param.base in ("bool", "address"):
        return True if param.base == "bool" else "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    if param.base.startswith("bytes"):
        return b"UZ".ljust(int(param.base[5:]), b"\0")
    return 1 if param.enum else 1_795_424_400 if param.base == "uint40" else 3


@pytest.mark.parametrize(("contract", "function"), EVERY)
def test_it_tells_the_acts_own_values(contract: str, function: str) -> None:
    values = {param.name: shown(param, value(param)) for param in CODEC.parameters(contract, function)}
    said = meaning(contract, function, values)
    assert not re.search(r"[{}|#`]", said)
    assert said.count("Evidence: document 0x") == ("evidence" in said_fields(values))
    general = description(contract, function)
    assert not re.search(r"[{}|#]", general)
    assert general != said or not fields_in(SENTENCES[contract][function])


def said_fields(values: dict[str, Any]) -> set[str]:
    return {*values, *(name for each in values.values() if isinstance(each, dict) for name in each)}


CASE = "72057594037927937"
RECORD = b"\x1a" * 32
FIRST, LAST = "2026-01-01T00:00:00Z", "2026-12-31T23:59:59Z"


@pytest.mark.parametrize(
    ("act", "values", "said"),
    [
        (
            "DeclarationRegistry.release",
            {"caseId": CASE, "from": 1, "to": 3, "reason": "REGULAR", "evidence": bytes(32)},
            (
                f"Releases goods items 1 to 3 of declaration {CASE}: they are at the trader's disposal, and what they "
                "use "
                "of permits is written off. Reason: regular."
            ),
        ),
        (
            "DebtLedger.assess",
            {
                "caseId": CASE,
                "declarationVersion": 2,
                "reason": 1000,
                "evidence": RECORD,
                "charges": [{"code": b"CUD", "amount": "2699900"}, {"code": b"VAT", "amount": "5"}],
            },
            (
                f"Assesses what is due on version 2 of declaration {CASE}: CUD 26999.00, VAT 0.05. Reason: 1000. "
                f"Evidence: document 0x{RECORD.hex()}."
            ),
        ),
        (
            "AuthorisationRegistry.grantPower",
            {"broker": "6", "scope": 7, "from": FIRST, "until": str(2**40 - 1), "evidence": bytes(32)},
            (
                "Gives participant 6 power of attorney to lodge and correct declarations, pay and claim and appeal for "
                "the "
                f"signer's participant, from {FIRST} until further notice; an earlier power of the same broker ends."
            ),
        ),
        (
            "DebtLedger.offerGuarantee",
            {
                "principal": "5",
                "securityType": "BANK_GUARANTEE",
                "caseId": "0",
                "amount": "100",
                "validUntil": LAST,
                "notice": 30 * 86_400,
                "evidence": bytes(32),
            },
            (
                "Offers a guarantee (bank guarantee) of 1.00 for what participant 5 owes on any of its declarations, "
                "until "
                f"{LAST}; it can be ended at 30 days' notice."
            ),
        ),
        (
            "DeclarationRegistry.lodge",
            {
                "lodgement": {
                    "lrnMac": RECORD,
                    "dataRecord": RECORD,
                    "importer": "5",
                    "carrier": "0",
                    "office": 1701,
                    "regime": 4000,
                    "itemCount": 1,
                    "representation": "INDIRECT",
                }
            },
            (
                "Lodges a declaration of 1 goods item under procedure 4000 at office 1701 for participant 5 "
                "(represented "
                f"indirectly, by who is liable too); its sealed contents are record 0x{RECORD.hex()}. It binds the "
                "declarant once customs accepts it."
            ),
        ),
        (
            "DeclarationRegistry.propose",
            {
                "act": {
                    "caseId": CASE,
                    "kind": "LIFT_SEIZURE",
                    "control": "NONE",
                    "from": 2,
                    "to": 4,
                    "reason": "COURT_ORDER",
                    "evidence": bytes(32),
                }
            },
            (
                f"Proposes, as the first of two officers, for declaration {CASE}: the seizure of goods items 2 to 4 is "
                "lifted. It is done once another officer countersigns the same. Reason: court order."
            ),
        ),
        (
            "ParticipantRegistry.setKey",
            {"participant": "5", "key": "0xAb", "roles": 3, "office": 0, "validFrom": "1970-01-01T00:00:00Z"}
            | {"validUntil": LAST},
            f"Lets key 0xAb act for participant 5 as declarant, broker, from now until {LAST}.",
        ),
        (
            "SettlementToken.permit",
            {"owner": "0xA", "spender": "0xB", "value": "123", "deadline": "1795424400"},
            (
                "Brings in that 0xA allows 0xB, by signature until 2026-11-23T09:00:00Z, to take up to 1.23 of its "
                "settlement money."
            ),
        ),
        (
            "DeclarationRegistry.preLodge",
            {
                "lodgement": {
                    "lrnMac": RECORD,
                    "dataRecord": RECORD,
                    "importer": "5",
                    "carrier": "1",
                    "office": 1701,
                    "regime": 4000,
                    "itemCount": 2,
                    "representation": "SELF",
                }
            },
            (
                "Lodges, before the goods arrive, a declaration of 2 goods items under procedure 4000 at office 1701 "
                "for participant 5 (by itself), whose goods carrier 1 brings; its sealed contents are record "
                f"0x{RECORD.hex()}."
            ),
        ),
        (
            "TradeEscrow.openEscrow",
            {"seller": "7", "arbiter": "1", "condition": "DOCUMENTS", "amount": "100", "timeout": LAST}
            | {"mrn": bytes(18), "required": [{}], "evidence": bytes(32)},
            (
                "Puts 1.00 of the signer's settlement money into escrow for seller 7, to be paid on documents that the "
                f"buyer asks for (1); participant 1 decides disputes. It can be taken back from {LAST} on."
            ),
        ),
        (
            "DebtLedger.offerGuarantee",
            {"principal": "5", "securityType": "CASH_DEPOSIT", "caseId": "0", "amount": "100", "validUntil": LAST}
            | {"notice": 86_400, "evidence": bytes(32)},
            (
                "Offers a guarantee (cash deposit, taken now from the signer's settlement money) of 1.00 for what "
                f"participant 5 owes on any of its declarations, until {LAST}; it can be ended at 1 day's notice."
            ),
        ),
        (
            "PermitRegistry.declareUnit",
            {"permit": RECORD, "line": 0, "numerator": "1000", "denominator": "1", "evidence": bytes(32)},
            (
                f"Lets declarations state quantities of line 0 of permit 0x{RECORD.hex()} in another unit, of which "
                "one is 1000/1 of the line's own."
            ),
        ),
    ],
)
def test_what_a_signer_reads(act: str, values: dict[str, Any], said: str) -> None:
    assert meaning(*act.split("."), values) == said


def test_what_an_act_takes_gives_back_or_leaves_open_is_told() -> None:
    """As its contract has it: a signer reads the sentence, and not the interface."""
    for act, told in {
        "DebtLedger.topUpGuarantee": "of a cash deposit, it is taken now from the signer's settlement money",
        "DebtLedger.callGuarantee": "a cash deposit pays it at once",
        "DebtLedger.refuseGuarantee": "into its guarantor's prepaid account",
        "DebtLedger.returnDeposit": "into its guarantor's prepaid account",
        "DebtLedger.settle": "takes back from them what a new assessment lowered",
        "DeclarationRegistry.startControl": "cannot be amended by its declarant before its next version",
        "DeclarationRegistry.refuseItems": "what they use of permits is given back",
        "AuthorisationRegistry.withdrawAeo": "only after a new application",
    }.items():
        assert told in SENTENCES[act.partition(".")[0]][act.partition(".")[2]]


def test_a_long_list_is_cut_and_counted() -> None:
    decided = [{"item": n, "checkCode": 219, "decision": "HOLD", "validUntil": FIRST} for n in range(1, 13)]
    said = meaning("DeclarationRegistry", "decideItems", {"caseId": CASE, "version": 1, "decisions": decided})
    assert "12 checks" in said
    assert said.endswith("item 10 (check 219) hold, and 2 more.")


def every_field(owner: str, params: Sequence[ActParam]) -> Iterator[tuple[str, str]]:
    for param in params:
        yield owner, param.name
        yield from every_field(param.struct, param.members)


def test_every_field_is_an_input_in_words() -> None:
    fields = {each for c, f in EVERY for each in every_field(f, CODEC.parameters(c, f))}
    assert all(described(*field) for field in fields)
    assert {name for owner, name in fields if (owner, name) not in IN} == set(INPUTS), "and no line is of no field"
    assert set(IN) <= fields


def test_passports_list_inputs_as_the_api_takes_them() -> None:
    told = {passport.code: passport for passport in passports(CODEC)}
    kinds = {kind.value for kind in Kind} | {"proof"}

    def checked(given: Input) -> None:
        assert given.kind in kinds
        assert given.says
        assert given.form
        assert not re.search(r"uint|bytes\d|tuple|struct", f"{given.kind} {given.says} {given.form}")
        for member in given.members:
            checked(member)

    for passport in told.values():
        assert passport.inputs
        for given in passport.inputs:
            checked(given)
    defer = {given.name: given for given in told["DebtLedger.defer"].inputs}
    assert (defer["dueAt"].kind, defer["dueAt"].form) == ("time", "RFC 3339, UTC")
    assert (defer["caseId"].kind, defer["caseId"].form) == ("declaration", "declaration id, decimal text")
    assert [name for name, given in defer.items() if not given.is_needed] == ["expectedVersion", "evidence"]
    pay = {given.name: given for given in told["DebtLedger.pay"].inputs}
    assert pay["amount"].form == "minor units of the settlement currency, decimal text"
    route = {given.name: given for given in told["DeclarationRegistry.route"].inputs}
    assert route["control"].words == ("NONE", "DOCUMENTARY", "PHYSICAL")
