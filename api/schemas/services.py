"""Service passports as the API shows them."""

from dataclasses import asdict

from pydantic import Field

from api.schemas.base import Shape
from ledger.domain.passports import Passport


class InputOut(Shape):
    """One input of a service."""

    name: str = Field(description="Field of the request.", examples=["dueAt"])
    kind: str = Field(description="What sort of thing it is.", examples=["time"])
    says: str = Field(description="What it is, in words.", examples=["Last second for payment"])
    form: str = Field(description="Its unit or form, and how it is written.", examples=["RFC 3339, UTC"])
    is_needed: bool = Field(description="Whether it has to be given; what stands for it otherwise is in the OpenAPI.")
    words: list[str] = Field(description="What may be chosen; empty where nothing is.")
    members: list["InputOut"] = Field(description="What it is made of; empty for a single value.")


class PassportOut(Shape):
    """The public description of one service."""

    code: str = Field(examples=["DeclarationRegistry.lodge"])
    name: str
    owner: str = Field(description="Who answers for the service.")
    legal_basis: str
    inputs: list[InputOut]
    result: str = Field(description="What it does; fields of the request stand in it by name.")
    fee: str
    deadline: str
    sign_in: str = Field(description="Means by which the user proves who it is.")
    version: str

    @classmethod
    def of(cls, passport: Passport) -> "PassportOut":
        """The shape of a passport."""
        return cls.model_validate(asdict(passport))


class PassportsOut(Shape):
    """Every service of this ledger."""

    services: list[PassportOut]
