"""Service passports as the API shows them."""

from dataclasses import asdict

from pydantic import Field

from api.schemas.base import Shape
from ledger.domain.passports import Passport


class PassportOut(Shape):
    """The public description of one service."""

    code: str = Field(examples=["DeclarationRegistry.lodge"])
    name: str
    owner: str = Field(description="Who answers for the service.")
    legal_basis: str
    inputs: list[str]
    result: str
    fee: str
    deadline: str
    sign_in: str = Field(description="Means by which the user proves who it is.")
    version: str

    @classmethod
    def of(cls, passport: Passport) -> "PassportOut":
        """The shape of a passport."""
        return cls.model_validate(asdict(passport) | {"inputs": list(passport.inputs)})


class PassportsOut(Shape):
    """Every service of this ledger."""

    services: list[PassportOut]
