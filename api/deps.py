"""What routes ask for."""

from typing import Annotated, cast

from fastapi import Depends, Request

from ledger.bootstrap import Facade


def _facade(request: Request) -> Facade:
    return cast(Facade, request.app.state.facade)


FacadeDep = Annotated[Facade, Depends(_facade)]
"""The facade that this application serves."""
