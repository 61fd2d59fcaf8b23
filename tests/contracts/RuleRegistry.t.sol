// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IAuthoritySource} from "../../contracts/interfaces/IAuthoritySource.sol";
import {IRuleRegistry, RegimeEntry, RuleEntry} from "../../contracts/interfaces/IRuleRegistry.sol";
import {TooMany, UnknownReason, WrongVersion} from "../../contracts/types/Errors.sol";
import {Reasons} from "../../contracts/types/Reasons.sol";
import {Roles} from "../../contracts/types/Roles.sol";
import {AgencyCheck, Regime, Rule} from "../../contracts/types/Rule.sol";
import {Ledger} from "./support/Ledger.sol";

/// @dev A rule book whose every version can be read for ever; asking for less takes a second officer.
contract RuleRegistryTest is Ledger {
    uint16 internal constant IMPORT = 40;
    bytes32 internal constant PLANTS = "0602";

    uint64 internal customs;
    uint64 internal quarantine;
    uint64 internal veterinary;
    address internal officer;

    function setUp() public {
        deployCore();
        customs = admit(ALL_ROLES, 0);
        quarantine = admit(ALL_ROLES, 0);
        veterinary = admit(ALL_ROLES, 0);
        officer = giveKey(customs, "higher officer", Roles.CUSTOMS_APPEAL);
        vm.prank(address(governance));
        rules.setRegimes(0, regimeEntries(imports()));
    }

    function imports() internal pure returns (Regime memory) {
        return Regime(true, "A", true, false, true, false, 30 days, 5 * 365 days, 0);
    }

    function regimeEntries(Regime memory terms) internal pure returns (RegimeEntry[] memory entries) {
        entries = new RegimeEntry[](1);
        entries[0] = RegimeEntry(IMPORT, terms);
    }

    /// @dev A rule with a check by each agency given (code 1) and each permit type given.
    function ruleOf(uint64[] memory agencies, uint24[] memory permits) internal pure returns (Rule memory rule) {
        rule.checks = new AgencyCheck[](agencies.length);
        for (uint256 i = 0; i < agencies.length; ++i) {
            rule.checks[i] = AgencyCheck(agencies[i], 1);
        }
        rule.permitTypes = permits;
    }

    function both() internal view returns (Rule memory) {
        uint64[] memory agencies = new uint64[](2);
        (agencies[0], agencies[1]) = (quarantine, veterinary);
        uint24[] memory permits = new uint24[](1);
        permits[0] = 911_000;
        return ruleOf(agencies, permits);
    }

    function lighter() internal view returns (Rule memory) {
        uint64[] memory agencies = new uint64[](1);
        agencies[0] = quarantine;
        uint24[] memory permits = new uint24[](1);
        permits[0] = 911_000;
        return ruleOf(agencies, permits);
    }

    function entry(Rule memory rule) internal pure returns (RuleEntry[] memory entries) {
        entries = new RuleEntry[](1);
        entries[0] = RuleEntry(IMPORT, PLANTS, rule);
    }

    function set(uint32 expectedVersion, Rule memory rule) internal {
        vm.prank(address(governance));
        rules.setRules(expectedVersion, entry(rule), Reasons.LAW, "decree");
    }

    function expectRule(uint32 version, Rule memory expected) internal view {
        (bool found, Rule memory rule) = rules.ruleAt(IMPORT, PLANTS, version);
        assertTrue(found, "found");
        assertEq(abi.encode(rule), abi.encode(expected), "as written");
    }

    // ----- regimes

    function test_regimes_keepEveryVersion() public {
        assertEq(rules.version(), 1, "set in setUp");
        vm.warp(START + 10);
        Regime memory harder = imports();
        harder.needsSecurity = true;
        harder.timeLimit = 90 days;
        vm.expectEmit(address(rules));
        emit IRuleRegistry.RegimeSet(IMPORT, 2, harder, address(governance));
        vm.prank(address(governance));
        rules.setRegimes(1, regimeEntries(harder));
        assertEq(
            abi.encode(rules.regimeAt(IMPORT, 0)),
            abi.encode(Regime(false, 0, false, false, false, false, 0, 0, 0)),
            "none"
        );
        assertEq(abi.encode(rules.regimeAt(IMPORT, 1)), abi.encode(imports()), "first");
        assertEq(abi.encode(rules.regimeAt(IMPORT, 2)), abi.encode(harder), "second");
        assertEq(abi.encode(rules.regimeAt(IMPORT, 9)), abi.encode(harder), "and on");
        assertEq(rules.versionAt(uint40(START - 1)), 0, "before");
        assertEq(rules.versionAt(uint40(START + 9)), 1, "then");
        assertEq(rules.versionAt(uint40(START + 10)), 2, "now");
    }

    function testFuzz_regimes_packWithoutLoss(Regime memory terms, uint8 letter) public {
        terms.procedure = bytes1(uint8(bound(letter, 65, 90)));
        vm.prank(address(governance));
        rules.setRegimes(1, regimeEntries(terms));
        assertEq(abi.encode(rules.regimeAt(IMPORT, 2)), abi.encode(terms), "as written");
    }

    function test_regimes_refusals() public {
        Regime memory bad = imports();
        bad.procedure = "a";
        vm.startPrank(address(governance));
        vm.expectRevert(abi.encodeWithSelector(IRuleRegistry.BadRegime.selector, IMPORT));
        rules.setRegimes(1, regimeEntries(bad));
        bad.procedure = "4";
        vm.expectRevert(abi.encodeWithSelector(IRuleRegistry.BadRegime.selector, IMPORT));
        rules.setRegimes(1, regimeEntries(bad));
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 0, 1));
        rules.setRegimes(0, regimeEntries(imports()));
        vm.expectRevert(abi.encodeWithSelector(TooMany.selector, 0, 64));
        rules.setRegimes(1, new RegimeEntry[](0));
        vm.expectRevert(abi.encodeWithSelector(TooMany.selector, 65, 64));
        rules.setRegimes(1, new RegimeEntry[](65));
        vm.stopPrank();
    }

    // ----- rules

    function test_rules_keepEveryVersion() public {
        vm.expectEmit(address(rules));
        emit IRuleRegistry.RuleSet(IMPORT, PLANTS, 2, lighter(), address(governance));
        set(1, lighter());
        set(2, both()); // asks for more: at once
        (bool found, ) = rules.ruleAt(IMPORT, PLANTS, 1);
        assertFalse(found, "none yet");
        expectRule(2, lighter());
        expectRule(3, both());
        assertTrue(rules.requiresCheck(IMPORT, PLANTS, AgencyCheck(veterinary, 1), 3), "asked for");
        assertFalse(rules.requiresCheck(IMPORT, PLANTS, AgencyCheck(veterinary, 1), 2), "not yet");
        assertFalse(rules.requiresCheck(IMPORT, PLANTS, AgencyCheck(veterinary, 2), 3), "another code");
        assertFalse(rules.requiresCheck(IMPORT, "0101", AgencyCheck(veterinary, 1), 3), "another group");
    }

    function test_rules_looseningWaitsForSecondOfficer() public {
        set(1, both());
        vm.expectEmit(address(rules));
        emit IRuleRegistry.RuleChangeProposed(
            IMPORT,
            PLANTS,
            false,
            lighter(),
            address(governance),
            Reasons.LAW,
            "decree"
        );
        set(2, lighter());
        assertEq(rules.version(), 2, "nothing changed");
        expectRule(2, both());
        (bool pending, bool removes, Rule memory rule, address proposer, bytes32 digest) = rules.pendingRule(
            IMPORT,
            PLANTS
        );
        assertTrue(pending && !removes, "waits");
        assertEq(abi.encode(rule), abi.encode(lighter()), "for this");
        assertEq(proposer, address(governance), "by");
        assertEq(digest, digestOf(lighter()), "named by its digest");

        vm.expectEmit(address(rules));
        emit IRuleRegistry.RuleSet(IMPORT, PLANTS, 3, lighter(), officer);
        vm.prank(officer);
        rules.confirmRule(IMPORT, PLANTS, 2, digest);
        expectRule(3, lighter());
        expectRule(2, both());
        vm.prank(officer);
        vm.expectRevert(nothingPending());
        rules.confirmRule(IMPORT, PLANTS, 3, digest);
    }

    function test_rules_removalWaitsForSecondOfficer() public {
        set(1, both());
        vm.expectEmit(address(rules));
        emit IRuleRegistry.RuleChangeProposed(IMPORT, PLANTS, true, both(), address(governance), Reasons.LAW, "decree");
        vm.prank(address(governance));
        rules.removeRule(IMPORT, PLANTS, 2, Reasons.LAW, "decree");
        expectRule(2, both());
        (bool pending, bool removes, , , bytes32 digest) = rules.pendingRule(IMPORT, PLANTS);
        assertTrue(pending && removes, "waits");
        assertEq(digest, 0, "a removal has no rule");
        vm.expectEmit(address(rules));
        emit IRuleRegistry.RuleRemoved(IMPORT, PLANTS, 3, officer);
        vm.prank(officer);
        rules.confirmRule(IMPORT, PLANTS, 2, 0);
        (bool found, ) = rules.ruleAt(IMPORT, PLANTS, 3);
        assertFalse(found, "gone");
        expectRule(2, both());
        (pending, , , , ) = rules.pendingRule(IMPORT, PLANTS);
        assertFalse(pending, "nothing waits any more");
        set(3, lighter()); // a new rule where there is none
        expectRule(4, lighter());
    }

    function test_rules_everyLooseningIsSeen() public {
        Rule memory full = both();
        (full.needsPayment, full.needsSecurity) = (true, true);
        set(1, full);
        Rule[5] memory less;
        for (uint256 i = 0; i < less.length; ++i) {
            less[i] = both();
            (less[i].needsPayment, less[i].needsSecurity) = (i != 0, i != 1);
        }
        less[2].checks[1].checkCode = 2;
        less[3].permitTypes[0] = 911_001;
        less[4].permitTypes = new uint24[](0);
        for (uint256 i = 0; i < less.length; ++i) {
            set(2, less[i]);
            assertEq(rules.version(), 2, "not at once");
        }
        // Adding, even in between, is no loosening.
        Rule memory more = both();
        (more.needsPayment, more.needsSecurity) = (true, true);
        more.permitTypes = new uint24[](3);
        (more.permitTypes[0], more.permitTypes[1], more.permitTypes[2]) = (811_000, 911_000, 911_001);
        set(2, more);
        expectRule(3, more);
    }

    function test_confirmRule_guards() public {
        vm.prank(officer); // nothing there, nothing proposed
        vm.expectRevert(nothingPending());
        rules.confirmRule(IMPORT, PLANTS, 1, 0);
        set(1, both());
        set(2, lighter());
        address lower = giveKey(customs, "lower officer", Roles.CUSTOMS_OFFICER);
        vm.prank(lower);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAuthoritySource.NotAuthorised.selector,
                lower,
                Roles.CUSTOMS_APPEAL,
                block.timestamp
            )
        );
        rules.confirmRule(IMPORT, PLANTS, 2, digestOf(lighter()));
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 1, 2));
        rules.confirmRule(IMPORT, PLANTS, 1, digestOf(lighter()));

        // A change in between voids what was proposed.
        Rule memory more = both();
        more.needsPayment = true;
        set(2, more);
        vm.prank(officer);
        vm.expectRevert(nothingPending());
        rules.confirmRule(IMPORT, PLANTS, 3, digestOf(lighter()));
    }

    function test_confirmRule_notByWhoProposed() public {
        set(1, both());
        decide(
            address(participants),
            abi.encodeCall(participants.setKey, (customs, address(governance), 0, Roles.CUSTOMS_APPEAL, 0, 0, FOREVER))
        );
        vm.startPrank(address(governance));
        rules.removeRule(IMPORT, PLANTS, 2, Reasons.LAW, 0);
        vm.expectRevert(abi.encodeWithSelector(IRuleRegistry.SameOfficer.selector, address(governance)));
        rules.confirmRule(IMPORT, PLANTS, 2, 0);
        vm.stopPrank();
    }

    /// @dev Proposals move no version: what is put in the place of one that an officer has seen is not confirmed by it.
    function test_confirmRule_isForWhatTheOfficerHasSeen() public {
        set(1, both());
        set(2, lighter());
        Rule memory nothing;
        set(2, nothing);
        vm.prank(officer);
        vm.expectRevert(nothingPending());
        rules.confirmRule(IMPORT, PLANTS, 2, digestOf(lighter()));
        vm.prank(officer); // nor is a rule that asks for nothing the removal of the rule
        vm.expectRevert(nothingPending());
        rules.confirmRule(IMPORT, PLANTS, 2, 0);
        vm.prank(officer);
        rules.confirmRule(IMPORT, PLANTS, 2, digestOf(nothing));
        expectRule(3, nothing);
    }

    function digestOf(Rule memory rule) internal pure returns (bytes32) {
        return keccak256(abi.encode(rule));
    }

    function test_rules_refusals() public {
        Rule memory bad = both();
        vm.startPrank(address(governance));
        (bad.checks[0], bad.checks[1]) = (bad.checks[1], bad.checks[0]);
        expectBadRule(bad); // out of order
        bad = both();
        bad.checks[1] = bad.checks[0];
        expectBadRule(bad); // doubled
        bad = both();
        bad.checks[1].agency = 99;
        expectBadRule(bad); // not admitted
        bad = both();
        bad.checks[0].agency = 0;
        expectBadRule(bad);
        bad = both();
        bad.permitTypes[0] = 0;
        expectBadRule(bad);
        bad = both();
        bad.permitTypes = new uint24[](17);
        for (uint24 i = 0; i < 17; ++i) {
            bad.permitTypes[i] = 911_000 + i;
        }
        expectBadRule(bad); // too many
        bad = both();
        bad.checks = new AgencyCheck[](17);
        for (uint16 i = 0; i < 17; ++i) {
            bad.checks[i] = AgencyCheck(quarantine, i + 1);
        }
        expectBadRule(bad); // too many
        RuleEntry[] memory entries = entry(both());
        entries[0].regime = 10;
        vm.expectRevert(abi.encodeWithSelector(IRuleRegistry.UnknownRegime.selector, 10));
        rules.setRules(1, entries, Reasons.LAW, 0);
        entries = entry(both());
        entries[0].group = 0;
        vm.expectRevert(abi.encodeWithSelector(IRuleRegistry.BadRule.selector, IMPORT, bytes32(0)));
        rules.setRules(1, entries, Reasons.LAW, 0);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 0, 1));
        rules.setRules(0, entry(both()), Reasons.LAW, 0);
        vm.expectRevert(abi.encodeWithSelector(TooMany.selector, 65, 64));
        rules.setRules(1, new RuleEntry[](65), Reasons.LAW, 0);
        vm.expectRevert(abi.encodeWithSelector(IRuleRegistry.UnknownRule.selector, IMPORT, PLANTS));
        rules.removeRule(IMPORT, PLANTS, 1, Reasons.LAW, 0);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        rules.removeRule(IMPORT, PLANTS, 1, 0, 0);
        rules.setRules(1, entry(both()), 0, 0); // more needs no reason
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        rules.setRules(2, entry(lighter()), 0, 0); // less does
        vm.stopPrank();
    }

    function expectBadRule(Rule memory rule) internal {
        vm.expectRevert(abi.encodeWithSelector(IRuleRegistry.BadRule.selector, IMPORT, PLANTS));
        rules.setRules(1, entry(rule), Reasons.LAW, 0);
    }

    // ----- code lists and closed registries

    function test_codeLists_byVersion() public {
        vm.startPrank(address(governance));
        vm.expectEmit(address(rules));
        emit IRuleRegistry.CodeListSet("tariff", 2, "2026", address(governance));
        rules.setCodeList("tariff", 1, "2026");
        rules.setCodeList("tariff", 2, "2027");
        assertEq(rules.codeListAt("tariff", 1), 0, "none");
        assertEq(rules.codeListAt("tariff", 2), "2026", "first");
        assertEq(rules.codeListAt("tariff", 3), "2027", "second");
        vm.expectRevert(abi.encodeWithSelector(IRuleRegistry.BadCodeList.selector, bytes32("tariff")));
        rules.setCodeList("tariff", 3, 0);
        vm.expectRevert(abi.encodeWithSelector(IRuleRegistry.BadCodeList.selector, bytes32(0)));
        rules.setCodeList(0, 3, "2028");
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 2, 3));
        rules.setCodeList("tariff", 2, "2027");
        vm.stopPrank();
    }

    function test_closeRegistry_once() public {
        assertTrue(rules.opensCases(1), "open");
        vm.startPrank(address(governance));
        vm.expectEmit(address(rules));
        emit IRuleRegistry.RegistryClosed(1, 2, address(governance), Reasons.REPLACED);
        rules.closeRegistry(1, 1, Reasons.REPLACED);
        assertFalse(rules.opensCases(1), "closed");
        assertTrue(rules.opensCases(2), "its successor not");
        vm.expectRevert(abi.encodeWithSelector(IRuleRegistry.RegistryAlreadyClosed.selector, 1));
        rules.closeRegistry(1, 2, Reasons.REPLACED);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        rules.closeRegistry(2, 2, 0);
        vm.stopPrank();
    }

    function test_acts_areGovernancesAlone() public {
        bytes[5] memory acts = [
            abi.encodeCall(rules.setRegimes, (1, regimeEntries(imports()))),
            abi.encodeCall(rules.setRules, (1, entry(both()), Reasons.LAW, 0)),
            abi.encodeCall(rules.removeRule, (IMPORT, PLANTS, 1, Reasons.LAW, 0)),
            abi.encodeCall(rules.setCodeList, ("tariff", 1, "2026")),
            abi.encodeCall(rules.closeRegistry, (1, 1, Reasons.LAW))
        ];
        for (uint256 i = 0; i < acts.length; ++i) {
            vm.prank(officer);
            (bool ok, bytes memory reason) = address(rules).call(acts[i]);
            assertFalse(ok, "refused");
            assertEq(reason, abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, officer), "who");
        }
    }

    function nothingPending() internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IRuleRegistry.NothingPending.selector, IMPORT, PLANTS);
    }
}
