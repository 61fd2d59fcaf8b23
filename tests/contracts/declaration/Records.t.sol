// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {IDocumentRegistry} from "../../../contracts/interfaces/IDocumentRegistry.sol";
import {RegimeEntry} from "../../../contracts/interfaces/IRuleRegistry.sol";
import {MAX_CITATIONS} from "../../../contracts/libraries/DeclarationStore.sol";
import {JointKind, Lodgement} from "../../../contracts/types/Declaration.sol";
import {AlreadyDone, UnknownReason} from "../../../contracts/types/Errors.sol";
import {Reasons} from "../../../contracts/types/Reasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {Regime} from "../../../contracts/types/Rule.sol";
import {Declarations} from "./Declarations.sol";

/// @notice Erasure (domain guide 4.9): ordered by the issuer, refused while a case, an appeal, an audit or a retention
///         period needs the document.
contract RecordsTest is Declarations {
    uint40 private constant RETENTION = 5 * 365 days;
    uint64 private constant PLACES = uint64(MAX_CITATIONS);
    bytes32 private constant INVOICE = keccak256("invoice");
    bytes32 private constant AMENDED = keccak256("amended declaration");

    function setUp() public {
        deployDeclarations();
        _setRegime(RETENTION, APPEAL_PERIOD);
        decide(address(directory), abi.encodeCall(directory.announce, ("DeclarationRegistry", address(registry))));
    }

    function cite(uint64 id, bytes32 record) private {
        bytes32[] memory records = new bytes32[](1);
        records[0] = record;
        act(officer, abi.encodeCall(registry.citeRecords, (id, importer, records)));
    }

    function erase(bytes32 record) private {
        vm.prank(trader);
        documents.orderErasure(record, Reasons.DATA_SUBJECT, EVIDENCE);
    }

    function expectNeeded(bytes32 record, uint64 id, uint40 until) private {
        vm.prank(trader);
        vm.expectRevert(
            abi.encodeWithSelector(IDocumentRegistry.RecordNeeded.selector, record, address(registry), id, until)
        );
        documents.orderErasure(record, Reasons.DATA_SUBJECT, EVIDENCE);
    }

    function test_order_isAnActThatStays() public {
        bytes32 key = keccak256(abi.encode(importer, INVOICE));
        vm.expectEmit(address(documents));
        emit IDocumentRegistry.ErasureOrdered(importer, INVOICE, trader, Reasons.DATA_SUBJECT, EVIDENCE);
        erase(INVOICE);
        assertEq(documents.erasureOrderedAt(importer, INVOICE), block.timestamp, "when");
        (, , uint32 changes) = documents.status(importer, INVOICE);
        assertEq(changes, 0, "its standing is another matter");
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, key));
        documents.orderErasure(INVOICE, Reasons.DATA_SUBJECT, EVIDENCE);
    }

    function test_order_byItsIssuerAlone_withAReason() public {
        uint64 id = lodge(1);
        cite(id, INVOICE);
        // Another participant speaks of a record of its own, which nobody cited.
        vm.prank(phyto);
        documents.orderErasure(INVOICE, Reasons.OWN_REQUEST, EVIDENCE);
        assertEq(documents.erasureOrderedAt(importer, INVOICE), 0, "not the trader's");
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        documents.orderErasure(INVOICE, 0, EVIDENCE);
    }

    function test_order_waitsForTheOpenCase_thenForRetention_lastSecondInclusive() public {
        uint64 id = lodge(1);
        cite(id, INVOICE);
        expectNeeded(INVOICE, id, FOREVER);
        expectNeeded(RECORD, id, FOREVER);
        accept(id, noChecks(), noUses());
        ready(id);
        release(id, 1, 1);
        expectNeeded(INVOICE, id, FOREVER);
        act(officer, abi.encodeCall(registry.clear, (id, 3, REGULAR, EVIDENCE)));
        uint40 until = stateOf(id).acceptedAt + RETENTION;
        expectNeeded(INVOICE, id, until);
        vm.warp(until);
        expectNeeded(INVOICE, id, until);
        vm.warp(until + 1);
        erase(INVOICE);
        erase(RECORD);
    }

    function test_order_waitsForAnAudit() public {
        uint64 id = released(1);
        cite(id, INVOICE);
        act(officer, abi.encodeCall(registry.clear, (id, 3, REGULAR, EVIDENCE)));
        uint40 until = stateOf(id).acceptedAt + RETENTION;
        vm.warp(until + 1);
        act(auditor, abi.encodeCall(registry.openPca, (id, 4, REGULAR, EVIDENCE)));
        expectNeeded(INVOICE, id, FOREVER);
        act(auditor, abi.encodeCall(registry.closePca, (id, 5, bytes32(0), REGULAR, EVIDENCE)));
        erase(INVOICE);
    }

    function test_order_waitsForAnAppeal() public {
        uint64 id = lodge(1);
        bytes32 lrn = keccak256("appealed");
        id = _lodgeWith(lrn);
        cite(id, INVOICE);
        act(officer, abi.encodeCall(registry.reject, (id, 1, REGULAR, EVIDENCE)));
        act(trader, abi.encodeCall(registry.appeal, ("appeal", id, 1, lrn, REGULAR, EVIDENCE)));
        assertEq(stateOf(id).openAppeals, 1, "counted");
        uint40 until = stateOf(id).lodgedAt + RETENTION;
        vm.warp(until + 1);
        expectNeeded(INVOICE, id, FOREVER);
        act(appealOfficer, abi.encodeCall(registry.decideAppeal, (id, 2, 1, false, REGULAR, EVIDENCE)));
        assertEq(stateOf(id).openAppeals, 0, "counted down");
        erase(INVOICE);
    }

    function _lodgeWith(bytes32 lrn) private returns (uint64) {
        vm.prank(trader);
        return registry.lodge("with lrn", _named(lrn));
    }

    /// @dev With a data record of its own, as each declaration has.
    function _lodgeOf(bytes32 record) private returns (uint64) {
        Lodgement memory what = lodgement(1);
        what.dataRecord = record;
        return lodgeAs(trader, what);
    }

    function _named(bytes32 lrn) private returns (Lodgement memory what) {
        what = lodgement(1);
        what.lrnMac = lrn;
    }

    function test_dataRecords_areCitedByTheActsThatBringThem() public {
        uint64 id = accepted(1);
        act(trader, abi.encodeCall(registry.requestAmendment, (id, 2, AMENDED, REGULAR, EVIDENCE)));
        expectNeeded(AMENDED, id, FOREVER);
        id = accepted(1);
        discrepancy(id);
        bytes32 corrected = keccak256("corrected declaration");
        act(officer, abi.encodeCall(registry.correct, (id, 2, corrected, noItems(), REGULAR, EVIDENCE)));
        (uint64 needs, uint40 until) = registry.keptUntil(customs, corrected);
        assertTrue(needs == id && until == FOREVER, "customs' own record");
    }

    function test_retiredRegistry_isAskedToo() public {
        uint64 id = lodge(1);
        cite(id, INVOICE);
        IDeclarationRegistry second = deployRegistry(2);
        decide(address(directory), abi.encodeCall(directory.announce, ("DeclarationRegistry", address(second))));
        expectNeeded(INVOICE, id, FOREVER);
    }

    function test_theLongestNeedCounts() public {
        uint64 first = released(1);
        cite(first, INVOICE);
        act(officer, abi.encodeCall(registry.clear, (first, 3, REGULAR, EVIDENCE)));
        vm.warp(block.timestamp + 100 days);
        uint64 second = released(1);
        cite(second, INVOICE);
        act(officer, abi.encodeCall(registry.clear, (second, 3, REGULAR, EVIDENCE)));
        (uint64 needs, uint40 until) = registry.keptUntil(importer, INVOICE);
        assertEq(needs, second, "the later one");
        assertEq(until, stateOf(second).acceptedAt + RETENTION, "its own period");
    }

    function test_cite_tellsAndRepeatsNothing() public {
        uint64 id = lodge(1);
        bytes32[] memory records = new bytes32[](2);
        (records[0], records[1]) = (INVOICE, AMENDED);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.RecordsCited(id, officer, importer, records);
        act(officer, abi.encodeCall(registry.citeRecords, (id, importer, records)));
        act(officer, abi.encodeCall(registry.citeRecords, (id, importer, records)));
        refused(
            trader,
            abi.encodeCall(registry.citeRecords, (id, importer, records)),
            abi.encodeWithSignature(
                "NotAuthorised(address,uint32,uint40)",
                trader,
                Roles.CUSTOMS_OFFICER |
                    Roles.CUSTOMS_INSPECTOR |
                    Roles.CUSTOMS_REVENUE |
                    Roles.CUSTOMS_AUDIT |
                    Roles.CUSTOMS_APPEAL,
                time40()
            ),
            "customs' to say"
        );
        records[1] = 0;
        refused(
            officer,
            abi.encodeCall(registry.citeRecords, (id, importer, records)),
            abi.encodeWithSelector(IDeclarationRegistry.EvidenceNeeded.selector),
            "no record"
        );
    }

    /// @dev As many declarations as one record takes; returns the first.
    function _fullList() private returns (uint64 first) {
        first = lodge(1);
        cite(first, INVOICE);
        for (uint256 i = 1; i < MAX_CITATIONS; ++i) {
            cite(_lodgeOf(bytes32(i)), INVOICE);
        }
    }

    function _citing(uint64 id) private view returns (bytes memory) {
        bytes32[] memory records = new bytes32[](1);
        records[0] = INVOICE;
        return abi.encodeCall(registry.citeRecords, (id, importer, records));
    }

    /// @dev A full list takes one more in the place of a declaration that has ended, whose need is remembered.
    function test_cite_fullListMakesRoomForTheLiving() public {
        uint64 ended = _fullList();
        bytes memory call_ = _citing(_lodgeOf("another"));
        refused(
            officer,
            call_,
            abi.encodeWithSelector(IDeclarationRegistry.TooManyCitations.selector, INVOICE, MAX_CITATIONS),
            "all of them are open"
        );
        vm.warp(START + 1 days);
        uint64 later = ended + 1;
        act(officer, abi.encodeCall(registry.reject, (ended, 1, REGULAR, EVIDENCE)));
        act(officer, call_);
        act(officer, abi.encodeCall(registry.reject, (later, 1, REGULAR, EVIDENCE)));
        act(officer, _citing(_lodgeOf("one more")));
        (uint64 needs, uint40 until) = registry.keptUntil(importer, INVOICE);
        assertTrue(until == FOREVER && needs == ended + PLACES, "the first that is open is named");
        refused(
            officer,
            _citing(_lodgeOf("too many")),
            abi.encodeWithSelector(IDeclarationRegistry.TooManyCitations.selector, INVOICE, MAX_CITATIONS),
            "all of them are open again"
        );
    }

    /// @dev The longest need among those that made room is kept, in whatever order they did.
    function test_cite_whoMadeRoom_keepsTheRecordUntilItsEnd() public {
        uint64 first = _fullList();
        uint40 until = stateOf(first).lodgedAt + RETENTION;
        act(officer, abi.encodeCall(registry.reject, (first, 1, REGULAR, EVIDENCE)));
        act(officer, _citing(_lodgeOf("another")));
        act(officer, abi.encodeCall(registry.reject, (first + 1, 1, REGULAR, EVIDENCE)));
        act(officer, _citing(_lodgeOf("a third")));
        for (uint64 id = first + 2; id <= first + PLACES + 1; ++id) {
            act(officer, abi.encodeCall(registry.reject, (id, 1, REGULAR, EVIDENCE)));
        }
        (uint64 needs, uint40 kept) = registry.keptUntil(importer, INVOICE);
        assertTrue(needs == first + PLACES && kept == until, "of those that need it as long, one of the list");
        _setRegime(0, APPEAL_PERIOD); // what ends from now on needs it as long as it can be appealed against
        (needs, kept) = registry.keptUntil(importer, INVOICE);
        assertTrue(needs == first && kept == until, "the first that made room");
        act(officer, _citing(_lodgeOf("one more")));
        (needs, kept) = registry.keptUntil(importer, INVOICE);
        assertEq(kept, FOREVER, "an open one");
        vm.warp(START + 1 days);
        act(officer, abi.encodeCall(registry.reject, (first + PLACES + 2, 1, REGULAR, EVIDENCE)));
        expectNeeded(INVOICE, first, until);
        vm.warp(until);
        expectNeeded(INVOICE, first, until);
        vm.warp(until + 1);
        erase(INVOICE);
    }

    /// @dev A period for ever has no end that could be kept in its place.
    function test_cite_whoNeedsItForEver_makesNoRoom() public {
        uint64 ended = _fullList();
        _setRegime(FOREVER, APPEAL_PERIOD);
        act(officer, abi.encodeCall(registry.reject, (ended, 1, REGULAR, EVIDENCE)));
        refused(
            officer,
            _citing(_lodgeOf("another")),
            abi.encodeWithSelector(IDeclarationRegistry.TooManyCitations.selector, INVOICE, MAX_CITATIONS),
            "kept for ever"
        );
    }

    /// @dev What can still be appealed against keeps the records, though the period of retention is shorter.
    function test_order_waitsForThePeriodOfAppeal() public {
        _setRegime(0, APPEAL_PERIOD);
        uint64 id = lodge(1);
        cite(id, INVOICE);
        vm.warp(START + 1 days);
        act(officer, abi.encodeCall(registry.reject, (id, 1, REGULAR, EVIDENCE)));
        uint40 until = time40() + APPEAL_PERIOD;
        expectNeeded(INVOICE, id, until);
        vm.warp(until);
        expectNeeded(INVOICE, id, until);
        vm.warp(until + 1);
        erase(INVOICE);
    }

    /// @dev Of several refusals the last can be appealed against for longest.
    function test_order_waitsForThePeriodOfAppeal_ofTheLastRefusal() public {
        _setRegime(0, APPEAL_PERIOD);
        uint64 id = accepted(2);
        act(officer, abi.encodeCall(registry.refuseItems, (id, rev(id), 1, 1, REGULAR, EVIDENCE)));
        vm.warp(START + 1 days);
        act(officer, abi.encodeCall(registry.refuseItems, (id, rev(id), 2, 2, REGULAR, EVIDENCE)));
        jointly(officer, officer2, jointAct(id, JointKind.INVALIDATE, 0, 0));
        (, uint40 until) = registry.keptUntil(importer, RECORD);
        assertEq(until, time40() + APPEAL_PERIOD, "from the second");
    }

    /// @dev Nothing was refused: there is nothing to appeal against, for however long.
    function test_order_withoutARefusal_knowsNoPeriodOfAppeal() public {
        _setRegime(RETENTION, FOREVER);
        uint64 id = released(1);
        act(officer, abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE)));
        expectNeeded(RECORD, id, stateOf(id).acceptedAt + RETENTION);
    }

    function _setRegime(uint40 retention, uint40 period) private {
        RegimeEntry[] memory entries = new RegimeEntry[](1);
        entries[0] = RegimeEntry(IMPORT, Regime(true, "A", true, false, true, false, period, retention, 0));
        decide(address(rules), abi.encodeCall(rules.setRegimes, (rules.version(), entries)));
        ruleVersion = rules.version();
    }

    function test_order_afterRejection_waitsFromLodging() public {
        uint64 id = lodge(1);
        cite(id, INVOICE);
        act(officer, abi.encodeCall(registry.reject, (id, 1, REGULAR, EVIDENCE)));
        assertEq(stateOf(id).acceptedAt, 0, "never accepted");
        expectNeeded(INVOICE, id, stateOf(id).lodgedAt + RETENTION);
    }

    function test_order_afterCancellation_waitsFromAcceptance() public {
        uint64 id = accepted(1);
        cite(id, INVOICE);
        act(trader, abi.encodeCall(registry.requestCancellation, (id, 2, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.grantCancellation, (id, 3, 0, REGULAR, EVIDENCE)));
        expectNeeded(INVOICE, id, stateOf(id).acceptedAt + RETENTION);
    }

    function test_theFirstOfTwoThatNeedItAsLong_isNamed() public {
        uint64 id = lodge(1);
        cite(id, INVOICE);
        cite(_lodgeOf("another"), INVOICE);
        expectNeeded(INVOICE, id, FOREVER);
    }

    /// @dev A period longer than instants reach is for ever, not past the end of counting.
    function test_retention_forEver() public {
        _setRegime(FOREVER, APPEAL_PERIOD);
        uint64 id = released(1);
        cite(id, INVOICE);
        act(officer, abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE)));
        (uint64 needs, uint40 until) = registry.keptUntil(importer, INVOICE);
        assertTrue(needs == id && until == FOREVER, "kept for ever");
    }
}
