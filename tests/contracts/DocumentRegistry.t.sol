// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthoritySource} from "../../contracts/interfaces/IAuthoritySource.sol";
import {IDocumentRegistry} from "../../contracts/interfaces/IDocumentRegistry.sol";
import {DocumentLifecycle} from "../../contracts/libraries/DocumentLifecycle.sol";
import {Anchor, DocumentAction, DocumentStatus} from "../../contracts/types/Document.sol";
import {AlreadyDone, UnknownReason, WrongVersion} from "../../contracts/types/Errors.sol";
import {Reasons} from "../../contracts/types/Reasons.sol";
import {Roles} from "../../contracts/types/Roles.sol";
import {Ledger} from "./support/Ledger.sol";

/// @dev Anchors: gap-free per issuer, by an entitled key, frozen in one word. Status: the table of domain guide 4.8.
contract DocumentRegistryTest is Ledger {
    uint24 internal constant PHYTO = 851_001;
    bytes32 internal constant ROOT = keccak256("root");
    bytes32 internal constant MANIFEST = keccak256("manifest");
    bytes32 internal constant RECORD = keccak256("record");

    uint64 internal authority;
    uint64 internal issuer;
    address internal officer;
    address internal supervisor;
    address internal service;

    function setUp() public {
        deployCore();
        authority = admit(ALL_ROLES, 0);
        issuer = admit(ALL_ROLES, authority);
        officer = giveKey(issuer, "officer", Roles.ISSUER);
        service = giveKey(issuer, "service", Roles.SERVICE_ANCHOR);
        supervisor = giveKey(authority, "supervisor", Roles.OGA);
        accredit(issuer, PHYTO);
    }

    function head(uint256 seq, uint24 docType, uint256 size) internal pure returns (uint256) {
        return (seq << 56) | (uint256(docType) << 32) | size;
    }

    function anchorAs(address key, uint256 head_) internal returns (Anchor memory a) {
        vm.prank(key);
        documents.anchor(head_, ROOT, MANIFEST);
        return Anchor(issuer, (uint256(uint160(key)) << 96) | head_, ROOT, MANIFEST, block.timestamp);
    }

    // ----- anchoring

    function test_anchor_storesOneWordAndTells() public {
        uint256 h = (uint256(uint160(service)) << 96) | head(1, PHYTO, 1000);
        vm.expectEmit(address(documents));
        emit IDocumentRegistry.Anchored(issuer, h, ROOT, MANIFEST);
        Anchor memory a = anchorAs(service, head(1, PHYTO, 1000));

        bytes32 word = keccak256(abi.encode(uint256(issuer), h, ROOT, MANIFEST, block.timestamp));
        assertEq(documents.anchorWord(issuer, 1), word, "word");
        assertTrue(documents.isAnchored(a), "preimage");
        a.time += 1;
        assertFalse(documents.isAnchored(a), "other time");
    }

    function test_anchor_frozenStorageSlots() public {
        anchorAs(service, head(1, PHYTO, 1));
        bytes32 slot = keccak256(abi.encode(uint256(1), keccak256(abi.encode(uint256(issuer), uint256(0)))));
        assertEq(vm.load(address(documents), slot), documents.anchorWord(issuer, 1), "anchors in slot 0");

        vm.prank(officer);
        documents.revoke(issuer, RECORD, 0, Reasons.ERROR, 0);
        slot = keccak256(
            abi.encode(uint256(0), keccak256(abi.encode(RECORD, keccak256(abi.encode(uint256(issuer), uint256(1))))))
        );
        uint256 page = (1 << 240) | (block.timestamp << 8) | uint256(DocumentStatus.REVOKED);
        assertEq(uint256(vm.load(address(documents), slot)), page, "status in slot 1");
        assertEq(documents.statusPage(issuer, RECORD, 0), page, "page");
    }

    function test_anchor_refusesGapsAndRepeats() public {
        vm.prank(service);
        vm.expectRevert(abi.encodeWithSelector(IDocumentRegistry.SequenceGap.selector, issuer, 2));
        documents.anchor(head(2, PHYTO, 1), ROOT, MANIFEST);
        vm.prank(service);
        vm.expectRevert(abi.encodeWithSelector(IDocumentRegistry.SequenceGap.selector, issuer, 0));
        documents.anchor(head(0, PHYTO, 1), ROOT, MANIFEST);
        anchorAs(service, head(1, PHYTO, 1));
        vm.prank(service);
        vm.expectRevert(abi.encodeWithSelector(IDocumentRegistry.SequenceTaken.selector, issuer, 1));
        documents.anchor(head(1, PHYTO, 1), ROOT, MANIFEST);
        anchorAs(officer, head(2, PHYTO, 1));
    }

    function test_anchor_refusesBadHeadsAndDigests() public {
        uint256[3] memory heads = [head(1, PHYTO, 0), head(1, PHYTO, (1 << 20) + 1), head(1, PHYTO, 1) | (1 << 96)];
        for (uint256 i = 0; i < heads.length; ++i) {
            vm.prank(service);
            vm.expectRevert(abi.encodeWithSelector(IDocumentRegistry.BadHead.selector, heads[i]));
            documents.anchor(heads[i], ROOT, MANIFEST);
        }
        vm.prank(service);
        vm.expectRevert(abi.encodeWithSelector(IDocumentRegistry.BadDigest.selector));
        documents.anchor(head(1, PHYTO, 1), 0, MANIFEST);
        vm.prank(service);
        vm.expectRevert(abi.encodeWithSelector(IDocumentRegistry.BadDigest.selector));
        documents.anchor(head(1, PHYTO, 1), ROOT, 0);
        anchorAs(service, head(1, PHYTO, 1 << 20));
    }

    function test_anchor_needsKeyAndAccreditation() public {
        vm.prank(service);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthoritySource.NotAccredited.selector, issuer, 861_000, block.timestamp)
        );
        documents.anchor(head(1, 861_000, 1), ROOT, MANIFEST);
        vm.prank(supervisor);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAuthoritySource.NotAuthorised.selector,
                supervisor,
                Roles.ANY_ANCHOR,
                block.timestamp
            )
        );
        documents.anchor(head(1, PHYTO, 1), ROOT, MANIFEST);
        anchorAs(service, head(1, 0, 1)); // type 0 needs no accreditation
    }

    function test_anchor_suspensionStopsItAtOnce() public {
        decide(address(participants), abi.encodeCall(participants.suspend, (issuer, 1, Reasons.COMPLIANCE, 0)));
        vm.prank(service);
        vm.expectPartialRevert(IAuthoritySource.NotAuthorised.selector);
        documents.anchor(head(1, PHYTO, 1), ROOT, MANIFEST);
        decide(address(participants), abi.encodeCall(participants.reinstate, (issuer, 2, Reasons.CLEARED, 0)));
        anchorAs(service, head(1, PHYTO, 1));
    }

    function testFuzz_anchor_sequencesAreGapFree(uint8[16] memory tries) public {
        uint256 next = 1;
        for (uint256 i = 0; i < tries.length; ++i) {
            uint256 seq = bound(tries[i], 0, 20);
            vm.prank(service);
            try documents.anchor(head(seq, PHYTO, 1), ROOT, MANIFEST) {
                assertEq(seq, next, "only the next");
                ++next;
            } catch {
                assertTrue(seq != next, "the next is taken");
            }
        }
        for (uint256 seq = 0; seq <= 20; ++seq) {
            bool held = documents.anchorWord(issuer, uint40(seq)) != 0;
            assertTrue(held == (seq != 0 && seq < next), "dense");
        }
    }

    // ----- inclusion

    function test_includes_batchOfOneAndOthers() public {
        vm.prank(service);
        documents.anchor(head(1, PHYTO, 1), RECORD, MANIFEST);
        uint256 h = (uint256(uint160(service)) << 96) | head(1, PHYTO, 1);
        Anchor memory a = Anchor(issuer, h, RECORD, MANIFEST, block.timestamp);
        assertTrue(documents.includes(a, RECORD, 0, new bytes32[](0)), "itself");
        assertFalse(documents.includes(a, ROOT, 0, new bytes32[](0)), "other record");
        assertFalse(documents.includes(a, RECORD, 1, new bytes32[](0)), "outside");
        a.manifest = ROOT;
        assertFalse(documents.includes(a, RECORD, 0, new bytes32[](0)), "other anchor");
    }

    // ----- status

    function expectStatus(DocumentStatus state, uint32 version) internal view {
        (DocumentStatus now_, uint40 since, uint32 version_) = documents.status(issuer, RECORD);
        assertEq(uint256(now_), uint256(state), "state");
        assertEq(version_, version, "version");
        assertEq(since, block.timestamp, "since");
    }

    function test_status_lifeOfARecord() public {
        (DocumentStatus state, uint40 since, uint32 version) = documents.status(issuer, RECORD);
        assertEq(uint256(state) + since + version, 0, "as issued");

        vm.expectEmit(address(documents));
        emit IDocumentRegistry.StatusChanged(
            issuer,
            RECORD,
            1,
            DocumentStatus.SUSPENDED,
            officer,
            Reasons.COMPLIANCE,
            ROOT
        );
        vm.prank(officer);
        documents.suspend(issuer, RECORD, 0, Reasons.COMPLIANCE, ROOT);
        expectStatus(DocumentStatus.SUSPENDED, 1);

        vm.warp(START + 10);
        vm.prank(officer);
        documents.reinstate(issuer, RECORD, 1, Reasons.CLEARED, 0);
        expectStatus(DocumentStatus.ACTIVE, 2);

        vm.warp(START + 20);
        vm.expectEmit(address(documents));
        emit IDocumentRegistry.StatusChanged(
            issuer,
            RECORD,
            3,
            DocumentStatus.SUPERSEDED,
            officer,
            Reasons.REPLACED,
            MANIFEST
        );
        vm.prank(officer);
        documents.supersede(issuer, RECORD, 2, Reasons.REPLACED, MANIFEST);
        expectStatus(DocumentStatus.SUPERSEDED, 3);

        uint40[6] memory times = [time40() - 21, time40() - 20, time40() - 11, time40() - 10, time40() - 1, time40()];
        uint8[6] memory states = [0, 1, 1, 0, 0, 3];
        for (uint256 i = 0; i < times.length; ++i) {
            (state, ) = documents.statusAt(issuer, RECORD, times[i]);
            assertEq(uint256(state), states[i], "at an instant");
        }
    }

    function test_statusesAt_tellsWhatStatusAtTellsOfEach() public {
        assertEq(documents.statusesAt(issuer, new bytes32[](0), time40()).length, 0, "of none");
        vm.prank(officer);
        documents.suspend(issuer, RECORD, 0, Reasons.ORDER, 0);
        vm.warp(START + 10);
        vm.prank(officer);
        documents.revoke(issuer, ROOT, 0, Reasons.FRAUD, 0);

        bytes32[] memory records = new bytes32[](4);
        (records[0], records[1], records[2], records[3]) = (ROOT, MANIFEST, RECORD, ROOT);
        for (uint40 instant = uint40(START) - 1; instant <= START + 11; ++instant) {
            uint48[] memory changes = documents.statusesAt(issuer, records, instant);
            assertEq(changes.length, 4, "one each");
            for (uint256 i = 0; i < 4; ++i) {
                (DocumentStatus state, uint40 since) = documents.statusAt(issuer, records[i], instant);
                assertEq(changes[i], (uint48(since) << 8) | uint8(state), "the same");
            }
        }
        assertEq(documents.statusesAt(authority, records, time40())[0], 0, "another issuer's");
    }

    function test_status_endsAndForbiddenTransitions() public {
        vm.prank(officer);
        documents.revoke(issuer, RECORD, 0, Reasons.FRAUD, 0);
        vm.startPrank(officer);
        vm.expectRevert(noTransition(DocumentStatus.REVOKED, DocumentAction.REVOKE));
        documents.revoke(issuer, RECORD, 1, Reasons.FRAUD, 0);
        vm.expectRevert(noTransition(DocumentStatus.REVOKED, DocumentAction.REINSTATE));
        documents.reinstate(issuer, RECORD, 1, Reasons.CLEARED, 0);
        vm.expectRevert(noTransition(DocumentStatus.REVOKED, DocumentAction.SUSPEND));
        documents.suspend(issuer, RECORD, 1, Reasons.ORDER, 0);
        vm.expectRevert(noTransition(DocumentStatus.REVOKED, DocumentAction.SUPERSEDE));
        documents.supersede(issuer, RECORD, 1, Reasons.REPLACED, ROOT);
        vm.expectRevert(noTransition(DocumentStatus.ACTIVE, DocumentAction.REINSTATE));
        documents.reinstate(issuer, ROOT, 0, Reasons.CLEARED, 0);
        vm.stopPrank();
    }

    function test_status_repeatsAndBadArgumentsChangeNothing() public {
        vm.startPrank(officer);
        documents.suspend(issuer, RECORD, 0, Reasons.ORDER, 0);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 0, 1));
        documents.suspend(issuer, RECORD, 0, Reasons.ORDER, 0);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        documents.revoke(issuer, RECORD, 1, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, Reasons.LAST + 1));
        documents.revoke(issuer, RECORD, 1, Reasons.LAST + 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IDocumentRegistry.BadSuccessor.selector, RECORD, RECORD));
        documents.supersede(issuer, RECORD, 1, Reasons.REPLACED, RECORD);
        vm.expectRevert(abi.encodeWithSelector(IDocumentRegistry.BadSuccessor.selector, RECORD, bytes32(0)));
        documents.supersede(issuer, RECORD, 1, Reasons.REPLACED, 0);
        vm.stopPrank();
        expectStatus(DocumentStatus.SUSPENDED, 1);
    }

    function test_status_onlyIssuerOrItsAuthority() public {
        uint64 strangers = admit(ALL_ROLES, authority);
        address stranger = giveKey(strangers, "stranger", Roles.ISSUER);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IDocumentRegistry.NotIssuer.selector, strangers, issuer));
        documents.revoke(issuer, RECORD, 0, Reasons.FRAUD, 0);

        vm.prank(service);
        vm.expectPartialRevert(IAuthoritySource.NotAuthorised.selector);
        documents.revoke(issuer, RECORD, 0, Reasons.FRAUD, 0);

        vm.prank(supervisor);
        documents.revoke(issuer, RECORD, 0, Reasons.FRAUD, 0);
        expectStatus(DocumentStatus.REVOKED, 1);
    }

    /// @dev An issuer that had no authority over it gets one when it has retired: its records do not stay for ever.
    function test_status_ofARetiredIssuersRecord_isItsLaterAuthoritys() public {
        uint64 orphan = admit(ALL_ROLES, 0);
        bytes32 profile = participants.participantOf(orphan).profile;
        decide(address(participants), abi.encodeCall(participants.retire, (orphan, 1, Reasons.OWN_REQUEST, 0)));
        vm.prank(supervisor);
        vm.expectRevert(abi.encodeWithSelector(IDocumentRegistry.NotIssuer.selector, authority, orphan));
        documents.revoke(orphan, RECORD, 0, Reasons.FRAUD, 0);
        decide(address(participants), abi.encodeCall(participants.amend, (orphan, 2, ALL_ROLES, authority, profile)));
        vm.prank(supervisor);
        documents.revoke(orphan, RECORD, 0, Reasons.FRAUD, 0);
        (DocumentStatus state, , ) = documents.status(orphan, RECORD);
        assertEq(uint8(state), uint8(DocumentStatus.REVOKED), "revoked");
    }

    function test_status_issuerCannotUndoItsAuthority() public {
        vm.prank(officer);
        documents.suspend(issuer, RECORD, 0, Reasons.COMPLIANCE, 0);
        vm.prank(supervisor);
        documents.suspend(issuer, RECORD, 1, Reasons.ORDER, 0);
        expectStatus(DocumentStatus.SUSPENDED_BY_AUTHORITY, 2);
        vm.prank(officer);
        vm.expectRevert(noTransition(DocumentStatus.SUSPENDED_BY_AUTHORITY, DocumentAction.REINSTATE));
        documents.reinstate(issuer, RECORD, 2, Reasons.CLEARED, 0);
        vm.prank(supervisor);
        vm.expectRevert(noTransition(DocumentStatus.SUSPENDED_BY_AUTHORITY, DocumentAction.SUPERSEDE));
        documents.supersede(issuer, RECORD, 2, Reasons.REPLACED, ROOT);
        vm.prank(supervisor);
        documents.reinstate(issuer, RECORD, 2, Reasons.CLEARED, 0);
        expectStatus(DocumentStatus.ACTIVE, 3);
    }

    function testFuzz_status_pagesKeepEveryChange(uint8 changes, uint32 gap) public {
        uint256 n = bound(changes, 1, 23);
        uint256 step = bound(gap, 1, 1 << 20);
        for (uint256 i = 0; i < n; ++i) {
            vm.warp(START + i * step);
            vm.prank(officer);
            if (i % 2 == 0) documents.suspend(issuer, RECORD, uint32(i), Reasons.ORDER, 0);
            else documents.reinstate(issuer, RECORD, uint32(i), Reasons.CLEARED, 0);
        }
        assertEq(documents.statusPage(issuer, RECORD, 0) >> 240, n, "count on page 0");
        assertEq(documents.statusPage(issuer, RECORD, 1) >> 240, 0, "no count beyond");
        for (uint256 i = 0; i < n; ++i) {
            (DocumentStatus state, uint40 since) = documents.statusAt(issuer, RECORD, uint40(START + i * step));
            assertEq(uint256(state), 1 - (i % 2), "state in force");
            assertEq(since, START + i * step, "since");
            (state, ) = documents.statusAt(issuer, RECORD, uint40(START + i * step - 1));
            assertEq(uint256(state), i % 2, "second before");
        }
    }

    function test_status_keepsAtMost65535Changes() public {
        bytes32 slot = keccak256(
            abi.encode(uint256(0), keccak256(abi.encode(RECORD, keccak256(abi.encode(uint256(issuer), uint256(1))))))
        );
        vm.store(address(documents), slot, bytes32(uint256(65_535) << 240));
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(IDocumentRegistry.StatusFull.selector, RECORD));
        documents.suspend(issuer, RECORD, 65_535, Reasons.ORDER, 0);
    }

    /// @dev The whole table, forbidden pairs included: rows are states, columns SUSPEND REINSTATE REVOKE SUPERSEDE,
    ///      by the issuer and then by its authority; x is refused.
    function test_status_table() public pure {
        bytes memory rows = bytes(
            "1x23"
            "4x2x" // ACTIVE
            "x02x"
            "402x" // SUSPENDED
            "xxxx"
            "xxxx" // REVOKED
            "xxxx"
            "xxxx" // SUPERSEDED
            "xx2x"
            "x02x" // SUSPENDED_BY_AUTHORITY
        );
        for (uint256 i = 0; i < rows.length; ++i) {
            (bool found, DocumentStatus to) = DocumentLifecycle.next(
                DocumentStatus(i / 8),
                DocumentAction(i % 4),
                (i / 4) % 2 == 1
            );
            assertTrue(found == (rows[i] != "x"), "pair");
            if (found) assertEq(uint256(to), uint256(uint8(rows[i])) - 48, "to");
        }
    }

    // ----- grants

    function test_grantAccess_onceByTheIssuer() public {
        vm.expectEmit(address(documents));
        emit IDocumentRegistry.AccessGranted(issuer, ROOT);
        vm.prank(officer);
        documents.grantAccess(ROOT);
        assertTrue(documents.isGranted(issuer, ROOT), "told");
        assertFalse(documents.isGranted(authority, ROOT), "by nobody else");
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, keccak256(abi.encode(issuer, ROOT))));
        documents.grantAccess(ROOT);
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(IDocumentRegistry.BadDigest.selector));
        documents.grantAccess(0);
        vm.prank(service);
        vm.expectPartialRevert(IAuthoritySource.NotAuthorised.selector);
        documents.grantAccess(MANIFEST);
    }

    function noTransition(DocumentStatus from, DocumentAction action) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IDocumentRegistry.NoTransition.selector, from, action);
    }
}
