// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {
    ControlKind,
    ControlState,
    DeclarationAct,
    DeclarationStatus,
    HeldFor,
    Lodgement,
    Representation
} from "../../../contracts/types/Declaration.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {Reasons} from "../../../contracts/types/Reasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {Declarations} from "./Declarations.sol";

/// @notice What AEO authorisations, at home and abroad, and service keys of the rules do to a declaration.
contract BenefitsTest is Declarations {
    bytes32 private constant FULL = keccak256("full declaration");
    bytes32 private constant FOREIGN_ID = keccak256("GB AEOF 00001/26");

    address private unit;
    address private engine;
    bytes32 private foreignAeo;

    function setUp() public {
        deployDeclarations();
        unit = giveKey(customs, "aeo unit", Roles.AEO_UNIT);
        engine = giveKey(customs, "rule engine", Roles.SERVICE_REJECT);
        foreignAeo = authorisations.foreignAeoKey("GB", FOREIGN_ID);
    }

    function authorise(uint8 categories, uint8 operatorTypes) private {
        vm.prank(trader);
        authorisations.applyForAeo("aeo", EVIDENCE);
        vm.startPrank(unit);
        authorisations.reviewAeo(importer, 1, EVIDENCE);
        authorisations.grantAeo(importer, 2, categories, operatorTypes, time40(), FOREVER, EVIDENCE);
        vm.stopPrank();
    }

    function recognise(uint8 categories, uint8 operatorTypes) private {
        vm.prank(unit);
        authorisations.recognizeForeignAeo(
            "mra",
            "GB",
            FOREIGN_ID,
            categories,
            operatorTypes,
            time40(),
            FOREVER,
            EVIDENCE
        );
    }

    function simplified() private returns (uint64 id) {
        id = lodge(1);
        act(trader, abi.encodeCall(registry.declareSimplified, (id, 1, REGULAR, EVIDENCE)));
    }

    function claim(uint64 id) private view returns (bytes memory) {
        return abi.encodeCall(registry.claimForeignAeo, (id, rev(id), foreignAeo, REGULAR, EVIDENCE));
    }

    function acceptNow(uint64 id) private {
        accept(id, noChecks(), noUses());
    }

    // ----- simplified procedure: released before full data, cleared only after them

    function test_simplified_isClearedOnlyAfterFullData() public {
        authorise(8, 1);
        uint64 id = lodge(1);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.SimplifiedDeclared(id, trader, 2, REGULAR, EVIDENCE);
        act(trader, abi.encodeCall(registry.declareSimplified, (id, 1, REGULAR, EVIDENCE)));
        assertTrue(stateOf(id).dataIncomplete, "incomplete");
        acceptNow(id);
        ready(id);
        release(id, 1, 1);
        bytes memory clear = abi.encodeCall(registry.clear, (id, 4, REGULAR, EVIDENCE));
        refused(
            officer,
            clear,
            abi.encodeWithSelector(IDeclarationRegistry.ClearanceRefused.selector, 1, one(0, HeldFor.DATA_INCOMPLETE)),
            "before full data"
        );
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Supplemented(id, trader, 1, 5, REGULAR, EVIDENCE, FULL);
        act(trader, abi.encodeCall(registry.supplement, (id, 4, FULL, REGULAR, EVIDENCE)));
        assertFalse(stateOf(id).dataIncomplete, "complete");
        act(officer, abi.encodeCall(registry.clear, (id, 5, REGULAR, EVIDENCE)));
        assertStatus(id, DeclarationStatus.CLEARED, "cleared");
    }

    function test_simplified_isForAuthorisedImportersAlone() public {
        bytes memory refusal = abi.encodeWithSelector(IDeclarationRegistry.NotEntitled.selector, importer);
        uint64 id = lodge(1);
        bytes memory ask = abi.encodeCall(registry.declareSimplified, (id, 1, REGULAR, EVIDENCE));
        refused(trader, ask, refusal, "no authorisation");
        authorise(1 | 2 | 4 | 16 | 32, 3);
        refused(trader, ask, refusal, "every category but this one");
        refused(
            carrier,
            ask,
            abi.encodeWithSignature(
                "NotAuthorised(address,uint32,uint40)",
                carrier,
                Roles.DECLARANT | Roles.BROKER,
                time40()
            ),
            "not its carrier"
        );
    }

    function test_simplified_suspendedBeforeAcceptance_isNotAccepted() public {
        authorise(8, 1);
        uint64 id = simplified();
        vm.prank(unit);
        authorisations.suspendAeo(importer, 3, Reasons.COMPLIANCE, EVIDENCE);
        refused(
            officer,
            abi.encodeCall(registry.accept, (id, 2, ruleVersion, noChecks(), noUses(), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.NotEntitled.selector, importer),
            "the next decision"
        );
    }

    /// @dev An exporter's authorisation does not simplify an import.
    function test_simplified_countsForTheRolePlayed() public {
        authorise(8, 2);
        uint64 id = simplified();
        refused(
            officer,
            abi.encodeCall(registry.accept, (id, 2, ruleVersion, noChecks(), noUses(), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.NotEntitled.selector, importer),
            "as importer"
        );
    }

    function test_supplement_refusals() public {
        authorise(8, 1);
        uint64 id = accepted(1);
        refused(
            trader,
            abi.encodeCall(registry.supplement, (id, 2, FULL, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.DataComplete.selector, id),
            "nothing is awaited"
        );
        id = simplified();
        refused(
            trader,
            abi.encodeCall(registry.supplement, (id, 2, FULL, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInStatus.selector,
                DeclarationAct.SUPPLEMENT,
                DeclarationStatus.LODGED
            ),
            "before acceptance"
        );
        acceptNow(id);
        refused(
            trader,
            abi.encodeCall(registry.supplement, (id, 3, bytes32(0), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.EvidenceNeeded.selector),
            "without data"
        );
    }

    // ----- mutual recognition

    function test_foreignAeo_opensTheGreenLane_forTheDeclarationThatAsks() public {
        recognise(1, 2); // an exporter there, for our import
        uint64 id = lodge(1);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.ForeignAeoClaimed(id, trader, 2, REGULAR, EVIDENCE, foreignAeo);
        act(trader, claim(id));
        assertEq(stateOf(id).foreignAeo, foreignAeo, "kept");
        acceptNow(id);
        assertEq(uint8(stateOf(id).control), uint8(ControlState.NONE), "green lane");
        uint64 other = accepted(1);
        assertEq(uint8(stateOf(other).control), uint8(ControlState.UNROUTED), "who does not ask has none");
    }

    function test_foreignAeo_yieldsToAnAlert() public {
        recognise(1, 2);
        uint64 id = lodge(1);
        act(trader, claim(id));
        vm.prank(risk);
        registry.route(id, 0, ControlKind.PHYSICAL, DeclarationReasons.OTHER_AUTHORITY, EVIDENCE);
        acceptNow(id);
        assertEq(uint8(stateOf(id).control), uint8(ControlState.REQUIRED), "the alert stands");
    }

    function test_foreignAeo_countsForTheRolePlayed_andWhileInForce() public {
        recognise(1, 1); // an importer there: for our exports
        uint64 id = lodge(1);
        act(trader, claim(id));
        acceptNow(id);
        assertEq(uint8(stateOf(id).control), uint8(ControlState.UNROUTED), "not for an import");
        Lodgement memory what = lodgement(1);
        what.regime = EXPORT;
        id = lodgeAs(trader, what);
        act(trader, claim(id));
        what = lodgement(1);
        what.regime = EXPORT;
        uint64 late = lodgeAs(trader, what);
        act(trader, claim(late));
        acceptNow(id);
        assertEq(uint8(stateOf(id).control), uint8(ControlState.NONE), "for an export");
        vm.prank(unit);
        authorisations.endForeignAeo("GB", FOREIGN_ID, 1, Reasons.COMPLIANCE, EVIDENCE);
        vm.warp(block.timestamp + 1);
        acceptNow(late);
        assertEq(uint8(stateOf(late).control), uint8(ControlState.UNROUTED), "ended before acceptance");
        refused(
            trader,
            claim(lodge(1)),
            abi.encodeWithSelector(IDeclarationRegistry.NotRecognised.selector, foreignAeo),
            "ended"
        );
    }

    function test_claims_beforeAcceptanceAlone() public {
        recognise(1, 3);
        uint64 id = accepted(1);
        refused(
            trader,
            claim(id),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInStatus.selector,
                DeclarationAct.CLAIM,
                DeclarationStatus.ACCEPTED
            ),
            "accepted"
        );
    }

    /// @dev A claim moves the case: made again and again, it would outrun every act of customs.
    function test_claims_onceEach() public {
        recognise(1, 3);
        authorise(8, 1);
        uint64 id = lodge(1);
        act(trader, claim(id));
        bytes memory before = abi.encodeWithSelector(IDeclarationRegistry.AlreadyClaimed.selector, id);
        refused(trader, claim(id), before, "a foreign operator's benefits");
        act(trader, abi.encodeCall(registry.declareSimplified, (id, rev(id), REGULAR, EVIDENCE)));
        refused(
            trader,
            abi.encodeCall(registry.declareSimplified, (id, rev(id), REGULAR, EVIDENCE)),
            before,
            "the simplified procedure"
        );
        act(officer, abi.encodeCall(registry.reject, (id, rev(id), REGULAR, EVIDENCE)));
    }

    // ----- rejection by a rule engine

    function test_ruleEngine_rejectsWithItsErrors_andDoesNothingElse() public {
        uint64 id = lodge(1);
        refused(
            engine,
            abi.encodeCall(registry.reject, (id, 1, DeclarationReasons.DATA_FAULT, bytes32(0))),
            abi.encodeWithSelector(IDeclarationRegistry.EvidenceNeeded.selector),
            "without its list of errors"
        );
        refused(
            engine,
            abi.encodeCall(registry.accept, (id, 1, ruleVersion, noChecks(), noUses(), REGULAR, EVIDENCE)),
            abi.encodeWithSignature("NotAuthorised(address,uint32,uint40)", engine, Roles.CUSTOMS_OFFICER, time40()),
            "it accepts nothing"
        );
        act(engine, abi.encodeCall(registry.reject, (id, 1, DeclarationReasons.DATA_FAULT, EVIDENCE)));
        assertStatus(id, DeclarationStatus.REJECTED, "rejected");
        assertEq(registry.refusalOf(id, 1).by, engine, "by the engine's own key, appealable");
    }

    // ----- a broker's declaration, whose representation stands beside the benefits

    function byBroker() private returns (uint64) {
        Lodgement memory what = lodgement(1);
        what.representation = Representation.DIRECT;
        return lodgeAs(broker, what);
    }

    function assertDirect(uint64 id, string memory what) private view {
        assertEq(uint8(stateOf(id).representation), uint8(Representation.DIRECT), what);
    }

    function test_benefits_leaveTheRepresentation() public {
        authorise(8, 1);
        recognise(1, 2);
        uint64 own = simplified();
        act(trader, claim(own));
        assertEq(uint8(stateOf(own).representation), uint8(Representation.SELF), "self");

        uint64 id = byBroker();
        (address stranger, uint64 strangers) = brokerWithoutPower();
        refused(
            stranger,
            abi.encodeCall(registry.supplement, (own, 3, FULL, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.NotRepresented.selector, strangers, importer, 1),
            "another's"
        );
        act(broker, abi.encodeCall(registry.declareSimplified, (id, 1, REGULAR, EVIDENCE)));
        acceptNow(id);
        act(broker, abi.encodeCall(registry.supplement, (id, rev(id), FULL, REGULAR, EVIDENCE)));
        assertDirect(id, "supplemented");
        (uint64 needs, ) = registry.keptUntil(brokerage, FULL);
        assertEq(needs, id, "the full data are kept");

        id = byBroker();
        acceptNow(id);
        refused(
            broker,
            abi.encodeCall(registry.supplement, (id, rev(id), FULL, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.DataComplete.selector, id),
            "not simplified"
        );
    }

    /// @dev An import stays one whoever lodges it: its importer is asked for an importer's authorisation.
    function test_greenLane_ofAnImportByABroker() public {
        authorise(1, 1);
        uint64 id = byBroker();
        acceptNow(id);
        assertEq(uint8(stateOf(id).control), uint8(ControlState.NONE), "green lane");
        assertDirect(id, "accepted");
    }

    /// @dev A power to lodge is enough to ask for benefits and to give the rest of the data.
    function test_broker_asksForBenefitsWithAPowerToLodge() public {
        authorise(8, 1);
        uint64 id = byBroker();
        vm.prank(trader);
        authorisations.grantPower("lodging only", brokerage, 1, time40(), FOREVER, EVIDENCE);
        act(broker, abi.encodeCall(registry.declareSimplified, (id, 1, REGULAR, EVIDENCE)));
        acceptNow(id);
        act(broker, abi.encodeCall(registry.supplement, (id, rev(id), FULL, REGULAR, EVIDENCE)));
        act(broker, abi.encodeCall(registry.requestCancellation, (id, rev(id), REGULAR, EVIDENCE)));
    }
}
