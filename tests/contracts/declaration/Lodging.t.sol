// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthoritySource} from "../../../contracts/interfaces/IAuthoritySource.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {RegimeEntry} from "../../../contracts/interfaces/IRuleRegistry.sol";
import {
    DeclarationAct,
    DeclarationState,
    DeclarationStatus,
    DeclarationVersion,
    Lodgement,
    OpenRequest,
    Representation
} from "../../../contracts/types/Declaration.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {WrongOffice} from "../../../contracts/types/Errors.sol";
import {Reasons} from "../../../contracts/types/Reasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {Regime} from "../../../contracts/types/Rule.sol";
import {Declarations} from "./Declarations.sol";

/// @notice Rows "pre-lodge", "lodge / present goods" and "reject" of domain guide 4.1.
contract LodgingTest is Declarations {
    bytes32 private constant AMENDED = keccak256("amended declaration");

    function setUp() public {
        deployDeclarations();
    }

    function test_lodge_keepsWhatWasLodged() public {
        Lodgement memory what = lodgement(5);
        bytes32 requestId = freshId();
        bytes32 key = keccak256(abi.encode(importer, requestId));
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Lodged((uint64(1) << 56) | 1, trader, 1, importer, key, what);
        vm.prank(trader);
        uint64 id = registry.lodge(requestId, what);
        DeclarationState memory s = stateOf(id);
        assertEq(uint8(s.status), uint8(DeclarationStatus.LODGED), "status");
        assertEq(s.version, 0, "no legal version yet");
        assertEq(s.revision, 1, "revision");
        assertEq(s.lodgedAt, time40(), "lodged at");
        assertEq(s.importer, importer, "importer");
        assertEq(s.declarant, importer, "declarant");
        assertEq(s.carrier, carriage, "carrier");
        assertEq(s.office, OFFICE, "office");
        assertEq(s.regime, IMPORT, "regime");
        assertEq(s.itemCount, 5, "items");
        assertEq(bytes32(s.mrn), 0, "no MRN before acceptance");
        assertEq(registry.caseOfRequest(key), id, "by request");
        assertEq(registry.caseCount(), 1, "count");
        DeclarationVersion memory v = registry.versionOf(id, 0);
        assertEq(v.dataRecord, RECORD, "record");
        assertEq(v.madeAt, time40(), "made at");
        assertEq(registry.versionOf(id, 1).dataRecord, 0, "no version 1 yet");
    }

    function test_preLodge_present_lodges() public {
        Lodgement memory what = lodgement(1);
        bytes32 requestId = freshId();
        bytes32 key = keccak256(abi.encode(importer, requestId));
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Prelodged((uint64(1) << 56) | 1, trader, 1, importer, key, what);
        vm.prank(trader);
        uint64 id = registry.preLodge(requestId, what);
        assertStatus(id, DeclarationStatus.PRELODGED, "pre-lodged");
        assertEq(stateOf(id).lodgedAt, 0, "not lodged yet");
        arrive(id);
        vm.warp(START + 100);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Presented(id, trader, 2, REGULAR, EVIDENCE);
        act(trader, abi.encodeCall(registry.present, (id, 1, REGULAR, EVIDENCE)));
        assertStatus(id, DeclarationStatus.LODGED, "lodged");
        assertEq(stateOf(id).lodgedAt, START + 100, "lodged at presentation");
        refused(
            trader,
            abi.encodeCall(registry.present, (id, 2, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInStatus.selector,
                DeclarationAct.PRESENT,
                DeclarationStatus.LODGED
            ),
            "presented twice"
        );
    }

    function test_sameRequest_isDoneOnce() public {
        Lodgement memory what = lodgement(1);
        bytes32 requestId = freshId();
        vm.prank(trader);
        registry.lodge(requestId, what);
        bytes32 key = keccak256(abi.encode(importer, requestId));
        bytes memory done = abi.encodeWithSelector(IDeclarationRegistry.AlreadyDone.selector, key);
        refused(trader, abi.encodeCall(registry.lodge, (requestId, what)), done, "the same request");
        what.lrnMac = keccak256("other");
        refused(trader, abi.encodeCall(registry.preLodge, (requestId, what)), done, "the same request, other content");
        assertEq(registry.caseCount(), 1, "one case");
    }

    function test_lrn_isUniquePerDeclarant_andFreeAfterRejectionOnly() public {
        Lodgement memory what = lodgement(1);
        uint64 first = lodgeAs(trader, what);
        bytes memory inUse = abi.encodeWithSelector(IDeclarationRegistry.LrnInUse.selector, first);
        what.dataRecord = keccak256("other content");
        refused(trader, abi.encodeCall(registry.lodge, ("a", what)), inUse, "other content");

        what.representation = Representation.INDIRECT;
        uint64 byBroker = lodgeAs(broker, what);
        assertTrue(byBroker != first, "another declarant's reference is its own");

        act(officer, abi.encodeCall(registry.reject, (first, 1, DeclarationReasons.DATA_FAULT, EVIDENCE)));
        assertStatus(first, DeclarationStatus.REJECTED, "rejected");
        what.representation = Representation.SELF;
        uint64 second = lodgeAs(trader, what);
        assertTrue(second != first, "a new id for the reused reference");
        inUse = abi.encodeWithSelector(IDeclarationRegistry.LrnInUse.selector, second);
        refused(trader, abi.encodeCall(registry.lodge, ("b", what)), inUse, "reused once");
        accept(second, noChecks(), noUses());
        refused(trader, abi.encodeCall(registry.lodge, ("b", what)), inUse, "accepted");
    }

    function test_reject_needsAListOfErrors_ofAnOfficerOfTheOffice() public {
        uint64 id = lodge(1);
        uint16 fault = DeclarationReasons.DATA_FAULT;
        refused(
            officer,
            abi.encodeCall(registry.reject, (id, 1, fault, 0)),
            abi.encodeWithSelector(IDeclarationRegistry.EvidenceNeeded.selector),
            "no list"
        );
        refused(
            farOfficer,
            abi.encodeCall(registry.reject, (id, 1, fault, EVIDENCE)),
            abi.encodeWithSelector(WrongOffice.selector, OTHER_OFFICE, OFFICE),
            "another office"
        );
        refused(
            trader,
            abi.encodeCall(registry.reject, (id, 1, fault, EVIDENCE)),
            abi.encodeWithSelector(
                IAuthoritySource.NotAuthorised.selector,
                trader,
                Roles.CUSTOMS_OFFICER | Roles.SERVICE_REJECT,
                time40()
            ),
            "a trader"
        );
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Rejected(id, officer, 2, fault, EVIDENCE, 1);
        act(officer, abi.encodeCall(registry.reject, (id, 1, fault, EVIDENCE)));
        refused(
            officer,
            abi.encodeCall(registry.beginAcceptance, (id, 2, ruleVersion, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInStatus.selector,
                DeclarationAct.BEGIN_ACCEPTANCE,
                DeclarationStatus.REJECTED
            ),
            "the end"
        );
    }

    function test_broker_needsAPowerOfAttorney_atTheTime() public {
        Lodgement memory what = lodgement(1);
        what.representation = Representation.DIRECT;
        uint64 id = lodgeAs(broker, what);
        DeclarationState memory s = stateOf(id);
        assertEq(s.declarant, brokerage, "declarant");
        assertEq(uint8(s.representation), uint8(Representation.DIRECT), "direct");
        vm.prank(trader);
        authorisations.revokePower(brokerage, 1, Reasons.OWN_REQUEST);
        vm.warp(START + 1);
        what = lodgement(1);
        what.representation = Representation.DIRECT;
        bytes memory unrepresented = abi.encodeWithSelector(
            IDeclarationRegistry.NotRepresented.selector,
            brokerage,
            importer,
            1
        );
        refused(broker, abi.encodeCall(registry.lodge, ("r", what)), unrepresented, "after revocation");
        accept(id, noChecks(), noUses());
        refused(
            broker,
            abi.encodeCall(registry.requestCancellation, (id, 2, REGULAR, EVIDENCE)),
            unrepresented,
            "no request after revocation"
        );
        act(trader, abi.encodeCall(registry.requestCancellation, (id, 2, REGULAR, EVIDENCE)));
    }

    /// @dev Presenting the goods and asking for a change are the declarant's, as lodging is.
    function test_present_andRequest_areTheDeclarants_withAPowerForLodging() public {
        Lodgement memory what = lodgement(1);
        what.representation = Representation.DIRECT;
        vm.prank(broker);
        uint64 prelodged = registry.preLodge("p", what);
        what = lodgement(1);
        what.representation = Representation.DIRECT;
        uint64 id = lodgeAs(broker, what);
        accept(id, noChecks(), noUses());
        bytes memory presents = abi.encodeCall(registry.present, (prelodged, 1, REGULAR, EVIDENCE));
        bytes memory asks = abi.encodeCall(registry.requestAmendment, (id, 2, AMENDED, REGULAR, EVIDENCE));
        refused(
            carrier,
            presents,
            abi.encodeWithSelector(
                IAuthoritySource.NotAuthorised.selector,
                carrier,
                Roles.DECLARANT | Roles.BROKER,
                time40()
            ),
            "a carrier"
        );
        uint64 other = admit(Roles.DECLARANT, 0);
        refused(
            giveKey(other, "another trader", Roles.DECLARANT),
            presents,
            abi.encodeWithSelector(IDeclarationRegistry.NotParty.selector, other, importer),
            "another trader"
        );
        // A power for payment and appeals alone takes the place of the one for everything.
        vm.startPrank(trader);
        authorisations.revokePower(brokerage, 1, Reasons.OWN_REQUEST);
        vm.warp(START + 1);
        authorisations.grantPower(freshId(), brokerage, 6, time40(), FOREVER, EVIDENCE);
        vm.stopPrank();
        bytes memory unrepresented = abi.encodeWithSelector(
            IDeclarationRegistry.NotRepresented.selector,
            brokerage,
            importer,
            1
        );
        refused(broker, presents, unrepresented, "no power to lodge");
        refused(broker, asks, unrepresented, "no power to ask");
        act(trader, presents);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Requested(id, trader, 1, 3, REGULAR, EVIDENCE, OpenRequest.AMENDMENT, AMENDED);
        act(trader, asks);
    }

    function test_representation_fitsTheActor() public {
        Lodgement memory what = lodgement(1);
        bytes memory wrong = abi.encodeWithSelector(IDeclarationRegistry.WrongRepresentation.selector);
        refused(broker, abi.encodeCall(registry.lodge, ("r", what)), wrong, "a broker is not the importer");
        what.representation = Representation.DIRECT;
        refused(trader, abi.encodeCall(registry.lodge, ("r", what)), wrong, "the importer needs no broker");
        address stranger = giveKey(brokerage, "brokerage's own trader", Roles.DECLARANT);
        refused(
            stranger,
            abi.encodeCall(registry.lodge, ("r", what)),
            abi.encodeWithSelector(IDeclarationRegistry.NotParty.selector, brokerage, importer),
            "no broker's key"
        );
    }

    function test_lodgement_outsideTheBounds_isRefused() public {
        Lodgement memory what = lodgement(0);
        _lodgementRefused(what, abi.encodeWithSelector(IDeclarationRegistry.BadItemCount.selector, 0, 999));
        what.itemCount = 1000;
        _lodgementRefused(what, abi.encodeWithSelector(IDeclarationRegistry.BadItemCount.selector, 1000, 999));
        what.itemCount = 999;
        what.office = 0;
        _lodgementRefused(what, abi.encodeWithSelector(WrongOffice.selector, 0, 0));
        what.office = OFFICE;
        what.dataRecord = 0;
        _lodgementRefused(what, abi.encodeWithSelector(IDeclarationRegistry.EvidenceNeeded.selector));
        what.dataRecord = RECORD;
        what.lrnMac = 0;
        _lodgementRefused(what, abi.encodeWithSelector(IDeclarationRegistry.EvidenceNeeded.selector));
        what.lrnMac = keccak256("lrn");
        what.regime = 9999;
        _lodgementRefused(what, abi.encodeWithSelector(IDeclarationRegistry.UnknownRegime.selector, 9999));
        what.regime = IMPORT;
        lodgeAs(trader, what);
    }

    function test_importer_mustBeActive() public {
        Lodgement memory what = lodgement(1);
        what.representation = Representation.DIRECT;
        decide(
            address(participants),
            abi.encodeCall(participants.suspend, (importer, 1, Reasons.COMPLIANCE, EVIDENCE))
        );
        refused(
            broker,
            abi.encodeCall(registry.lodge, ("r", what)),
            abi.encodeWithSelector(IDeclarationRegistry.NotActive.selector, importer),
            "suspended importer"
        );
    }

    function test_closedRegistry_opensNoCase_butRunsItsOwn() public {
        uint64 id = lodge(1);
        decide(address(rules), abi.encodeCall(rules.closeRegistry, (1, rules.version(), Reasons.ROTATION)));
        Lodgement memory what = lodgement(1);
        _lodgementRefused(what, abi.encodeWithSelector(IDeclarationRegistry.RegistryIsClosed.selector, 1));
        ruleVersion = rules.version();
        accept(id, noChecks(), noUses());
        ready(id);
        release(id, 1, 1);
        assertStatus(id, DeclarationStatus.RELEASED, "runs to its end");
    }

    function test_closedRegime_opensNoCase() public {
        RegimeEntry[] memory entries = new RegimeEntry[](1);
        entries[0] = RegimeEntry(IMPORT, Regime(false, "A", true, false, true, false, APPEAL_PERIOD, 0, 0));
        decide(address(rules), abi.encodeCall(rules.setRegimes, (rules.version(), entries)));
        _lodgementRefused(lodgement(1), abi.encodeWithSelector(IDeclarationRegistry.UnknownRegime.selector, IMPORT));
    }

    function test_unknownCase_isSaidSo() public {
        bytes memory unknown = abi.encodeWithSelector(IDeclarationRegistry.UnknownCase.selector, 7);
        refused(officer, abi.encodeCall(registry.reject, (7, 1, REGULAR, EVIDENCE)), unknown, "act");
        vm.expectRevert(unknown);
        registry.state(7);
        vm.expectRevert(unknown);
        registry.missing(7, 1, 1);
    }

    function _lodgementRefused(Lodgement memory what, bytes memory reason) private {
        refused(trader, abi.encodeCall(registry.lodge, ("r", what)), reason, "lodgement");
        refused(trader, abi.encodeCall(registry.preLodge, ("r", what)), reason, "pre-lodgement");
    }
}
