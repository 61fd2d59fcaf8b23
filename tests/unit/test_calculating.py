"""`tamga duty` asks all that `POST /v1/duty/calculate` can be asked.

given options for one goods item, or a file with several
  → the same question as over HTTP, field by field, and its answer shown item by item
given a date of acceptance without a table → it is asked all the same, and not left out
given a file that is larger than is read → refused by its name, not cut off
given a rate as a tariff prints it → its parts; what is no rate → refused, with the option
"""

import json
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.schemas.duty import DutyIn, GoodsIn, RatesIn
from ledger.cli import calculating, context
from ledger.cli.app import make_app
from ledger.cli.calculating import rate
from ledger.domain.errors import LimitExceeded, Malformed

ANSWER = {
    "rates": "GIVEN",
    "tariff": None,
    "items": [{"number": 1, "charges": [{"code": "CUD", "amount": "270.00"}], "total": "270.00"}],
    "charges": [{"code": "CUD", "amount": "270.00"}],
    "total": "270.00",
}


class Facade:
    """Keeps what it is asked."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def duty(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        self.asked = dict(asked)
        return dict(ANSWER)


@pytest.fixture
def facade(monkeypatch: pytest.MonkeyPatch) -> Facade:
    made = Facade()
    monkeypatch.setattr(context, "facade", lambda _url=None: nullcontext(made))
    return made


def asked(facade: Facade, *options: str) -> DutyIn:
    done = CliRunner().invoke(make_app(), ["duty", *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "270.00" in done.output
    return DutyIn.model_validate(facade.asked)


def test_one_item_with_everything(facade: Facade) -> None:
    found = asked(
        facade, "--value", "10000.00", "--quantity", "7", "--commodity", "0602", "--duty", "2.70", "--vat", "20%",
        "--excise", "0.50/unit", "--anti-dumping", "5%+0.25/unit", "--agricultural", "5|0.25/unit", "--not-favoured",
        "--fee", "12.50",
    )  # fmt: skip
    (item,) = found.items
    assert item.rates is not None
    told = {name: tuple(each.values()) for name, each in item.rates.model_dump(mode="json").items()}
    assert told["agricultural"] == ("5", "0.25", "greater")
    assert told["excise"] == ("0", "0.50", "sum")
    assert set(GoodsIn.model_fields) == item.model_fields_set, "every field of the question has its option"
    assert set(told) == set(RatesIn.model_fields)
    assert (item.most_favoured, found.fee) == (False, "12.50")


def test_several_items_and_a_tariff(facade: Facade, tmp_path: Path) -> None:
    items = [{"value": "1", "commodity": "0602"}, {"value": "2", "rates": {"vat": {"percent": "20"}}}]
    (tmp_path / "items.json").write_text(json.dumps(items))
    (tmp_path / "tariff.json").write_text(json.dumps({"tamga": "tariff/1", "rates": []}))
    found = asked(
        facade, "--items", str(tmp_path / "items.json"), "--tariff", str(tmp_path / "tariff.json"), "--code-list",
        "tariff 2026", "--as-of", "2026-11-23T09:00:00Z",
    )  # fmt: skip
    assert [item.value for item in found.items] == ["1", "2"]
    assert set(DutyIn.model_fields) == found.model_fields_set
    assert (found.code_list, found.as_of) == ("tariff 2026", "2026-11-23T09:00:00Z")


def test_a_file_over_its_limit_is_not_cut(facade: Facade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "items.json"
    file.write_text('[{"value": "1"}]  ')
    monkeypatch.setattr(calculating, "MAX_UPLOAD_BYTES", 17)
    done = CliRunner().invoke(make_app(), ["duty", "--items", str(file)])
    assert isinstance(done.exception, LimitExceeded)
    assert str(file) in str(done.exception)
    assert facade.asked == {}


def test_a_date_is_never_left_out(facade: Facade) -> None:
    assert asked(facade, "--value", "1", "--as-of", "2026-11-23T09:00:00Z").as_of == "2026-11-23T09:00:00Z"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2.70", ("2.70", "0", "sum")),
        ("2.70%", ("2.70", "0", "sum")),
        ("0.50/unit", ("0", "0.50", "sum")),
        ("5% + 0.50/unit", ("5", "0.50", "sum")),
        ("5|0.50/unit", ("5", "0.50", "greater")),
    ],
)
def test_a_rate(text: str, parts: tuple[str, str, str]) -> None:
    assert tuple(rate(text, "/duty").values()) == parts


@pytest.mark.parametrize("text", ["", "five", "5+", "+0.5/unit", "5%/unit", "-1", "5|5", "5%%"])
def test_what_is_no_rate(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        rate(text, "/duty")
    assert [(fault.code, fault.path) for fault in refused.value.faults] == [("rate", "/duty")]
