"""The play's cast: every seat has a name of its own, and the members that the parts need are there."""

from scripts.demo.cast import MEMBERS, all_seats


def test_every_seat_has_a_name_of_its_own() -> None:
    names = [seat.name for _, seat in all_seats()]
    assert len(names) == len(set(names))
    assert {member.name for member in MEMBERS} >= {"customs", "quarantine", "chamber", "treasury", "auditor"}
