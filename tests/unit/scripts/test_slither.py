"""What is accepted of Slither's findings: each with a reason, nothing else, and nothing that is no longer found."""

from scripts.analysis.slither import Finding, Rule, judge, rules

ACCEPTED = Rule("unused-return", r"authorise\(", "called for its check")


def test_every_rule_has_a_reason() -> None:
    accepted = rules()
    assert accepted
    assert all(len(rule.reason) > 20 for rule in accepted)


def test_a_finding_that_a_rule_accepts_passes() -> None:
    assert judge([ACCEPTED], [Finding("unused-return", "A.f() ignores authorise(actor)")]) == []


def test_any_other_finding_is_wrong() -> None:
    of_another_detector = Finding("reentrancy-eth", "A.f() calls authorise(actor)")
    elsewhere = Finding("unused-return", "A.f() ignores take(actor)")
    accepted = Finding("unused-return", "A.f() ignores authorise(actor)")
    assert judge([ACCEPTED], [of_another_detector, elsewhere, accepted]) == [
        "reentrancy-eth: A.f() calls authorise(actor)",
        "unused-return: A.f() ignores take(actor)",
    ]


def test_a_rule_that_accepts_nothing_is_wrong() -> None:
    assert judge([ACCEPTED], []) == [r"slither.toml: nothing is found any more by unused-return /authorise\(/"]
