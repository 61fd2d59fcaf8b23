// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthoritySource} from "../../../contracts/interfaces/IAuthoritySource.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {
    AgencyDecision,
    ControlKind,
    ItemAgency,
    JointAct,
    JointKind,
    Lodgement,
    Representation
} from "../../../contracts/types/Declaration.sol";
import {WrongOffice} from "../../../contracts/types/Errors.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {Declarations} from "./Declarations.sol";

/// @notice Each act of customs and of agencies asks for exactly its roles, which a declarant, party to the case, has not.
contract AuthorityTest is Declarations {
    uint64 private id;
    uint256 private acts;

    function setUp() public {
        deployDeclarations();
        id = accepted(1);
    }

    function _notFor(uint32 roles, bytes memory call_, string memory what) private {
        refused(
            trader,
            call_,
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, trader, roles, time40()),
            what
        );
        ++acts;
    }

    function test_everyAct_ofCustomsAndAgencies_asksForItsRoles() public {
        _acceptance();
        _requests();
        _control();
        _release();
        _twoPersons();
        assertEq(acts, 33, "all but the ten of declarants and carriers");
    }

    function _acceptance() private {
        uint32 role = Roles.CUSTOMS_OFFICER;
        _notFor(role | Roles.SERVICE_REJECT, abi.encodeCall(registry.reject, (id, 2, REGULAR, EVIDENCE)), "reject");
        _notFor(
            role,
            abi.encodeCall(registry.accept, (id, 2, ruleVersion, noChecks(), noUses(), REGULAR, EVIDENCE)),
            "accept"
        );
        _notFor(role, abi.encodeCall(registry.beginAcceptance, (id, 2, ruleVersion, REGULAR, EVIDENCE)), "begin");
        _notFor(role, abi.encodeCall(registry.enterItems, (id, 2, 1, 1, noChecks(), noUses())), "enterItems");
        _notFor(role, abi.encodeCall(registry.abandon, (id, 2, 0, REGULAR, EVIDENCE)), "abandon");
        _notFor(role, abi.encodeCall(registry.sealAcceptance, (id, 2, REGULAR, EVIDENCE)), "sealAcceptance");
        bytes32[] memory records = new bytes32[](1);
        records[0] = EVIDENCE;
        _notFor(
            role | Roles.CUSTOMS_INSPECTOR | Roles.CUSTOMS_REVENUE | Roles.CUSTOMS_AUDIT | Roles.CUSTOMS_APPEAL,
            abi.encodeCall(registry.citeRecords, (id, importer, records)),
            "citeRecords"
        );
    }

    function _requests() private {
        uint32 role = Roles.CUSTOMS_OFFICER;
        _notFor(role, abi.encodeCall(registry.grantAmendment, (id, 2, noItems(), REGULAR, EVIDENCE)), "amendment");
        _notFor(role, abi.encodeCall(registry.grantCancellation, (id, 2, 0, REGULAR, EVIDENCE)), "cancellation");
        _notFor(role, abi.encodeCall(registry.refuseRequest, (id, 2, REGULAR, EVIDENCE)), "refuseRequest");
        _notFor(role, abi.encodeCall(registry.correct, (id, 2, EVIDENCE, noItems(), REGULAR, EVIDENCE)), "correct");
        _notFor(role, abi.encodeCall(registry.returnPermits, (id, 2, 1)), "returnPermits");
        _notFor(Roles.CUSTOMS_AUDIT, abi.encodeCall(registry.openPca, (id, 2, REGULAR, EVIDENCE)), "openPca");
        _notFor(Roles.CUSTOMS_AUDIT, abi.encodeCall(registry.closePca, (id, 2, 0, REGULAR, EVIDENCE)), "closePca");
        _notFor(
            role | Roles.CUSTOMS_APPEAL,
            abi.encodeCall(registry.reassign, (id, 2, OFFICE, officer, REGULAR, EVIDENCE)),
            "reassign"
        );
        _notFor(
            Roles.CUSTOMS_APPEAL,
            abi.encodeCall(registry.decideAppeal, (id, 2, 1, true, REGULAR, EVIDENCE)),
            "decideAppeal"
        );
    }

    function _control() private {
        uint32 role = Roles.CUSTOMS_INSPECTOR;
        _notFor(
            Roles.CUSTOMS_RISK,
            abi.encodeCall(registry.route, (id, 0, ControlKind.NONE, REGULAR, EVIDENCE)),
            "route"
        );
        _notFor(role, abi.encodeCall(registry.startControl, (id, 0, REGULAR, EVIDENCE)), "startControl");
        _notFor(role, abi.encodeCall(registry.recordControl, (id, 0, true, REGULAR, EVIDENCE)), "recordControl");
        _notFor(
            Roles.CUSTOMS_OFFICER,
            abi.encodeCall(registry.dismissDiscrepancy, (id, 0, REGULAR, EVIDENCE)),
            "dismissDiscrepancy"
        );
        _notFor(
            role | Roles.CUSTOMS_OFFICER,
            abi.encodeCall(registry.notifyIrregularity, (id, 0, REGULAR, EVIDENCE)),
            "notifyIrregularity"
        );
        _notFor(
            Roles.OGA,
            abi.encodeCall(
                registry.decideItems,
                (id, 0, 1, decisionsFor(1, 1, AgencyDecision.HOLD, 0), REGULAR, EVIDENCE)
            ),
            "decideItems"
        );
        _notFor(
            Roles.OGA,
            abi.encodeCall(registry.takeOverChecks, (id, 0, quarantine, 1, 1, REGULAR, EVIDENCE)),
            "takeOverChecks"
        );
    }

    function _release() private {
        uint32 role = Roles.CUSTOMS_OFFICER;
        _notFor(
            role | Roles.SERVICE_AUTO_RELEASE,
            abi.encodeCall(registry.release, (id, 2, 1, 1, REGULAR, EVIDENCE)),
            "release"
        );
        _notFor(
            role,
            abi.encodeCall(registry.releaseConditionally, (id, 2, 1, 1, REGULAR, EVIDENCE)),
            "releaseConditionally"
        );
        _notFor(role, abi.encodeCall(registry.refuseItems, (id, 2, 1, 1, REGULAR, EVIDENCE)), "refuseItems");
        _notFor(role, abi.encodeCall(registry.seize, (id, 2, 1, 1, false, REGULAR, EVIDENCE)), "seize");
        _notFor(role, abi.encodeCall(registry.clear, (id, 2, REGULAR, EVIDENCE)), "clear");
    }

    function _twoPersons() private {
        uint32 role = Roles.CUSTOMS_OFFICER;
        JointAct memory lower = jointAct(id, JointKind.LOWER_CONTROL, 0, 0);
        JointAct memory lift = jointAct(id, JointKind.LIFT_SEIZURE, 1, 1);
        _notFor(Roles.CUSTOMS_RISK, abi.encodeCall(registry.propose, ("p", lower)), "propose a lower control");
        _notFor(role, abi.encodeCall(registry.propose, ("p", lift)), "propose a lifting");
        _notFor(role | Roles.CUSTOMS_RISK, abi.encodeCall(registry.countersign, ("p", 0, lower)), "countersign");
        bytes4 selector = registry.release.selector;
        _notFor(
            role | Roles.CUSTOMS_INSPECTOR | Roles.CUSTOMS_RISK | Roles.OGA,
            abi.encodeCall(registry.enterFallback, ("f", id, selector, time40(), EVIDENCE)),
            "enterFallback"
        );
        act(officer, abi.encodeCall(registry.enterFallback, ("f", id, selector, time40(), EVIDENCE)));
        bytes32 entry = keccak256(abi.encode(customs, bytes32("f")));
        _notFor(role, abi.encodeCall(registry.confirmFallback, (entry, 1, EVIDENCE)), "confirmFallback");
    }

    // ---------------------------------------------------------------- keys and participants with more than one part

    /// @dev Whose goods they are does not judge them, whoever lodged them.
    function test_agency_doesNotDecideGoodsOfItsOwn_lodgedByABroker() public {
        uint64 both = admit(Roles.OGA | Roles.DECLARANT, 0);
        address importing = giveKey(both, "importing agency", Roles.OGA | Roles.DECLARANT);
        vm.prank(importing);
        authorisations.grantPower(freshId(), brokerage, 7, time40(), FOREVER, EVIDENCE);
        Lodgement memory own = lodgement(1);
        (own.importer, own.representation) = (both, Representation.DIRECT);
        id = lodgeAs(broker, own);
        ItemAgency[] memory list = new ItemAgency[](1);
        list[0] = ItemAgency(1, both, CHECK);
        accept(id, list, noUses());
        refused(
            importing,
            abi.encodeCall(
                registry.decideItems,
                (id, 0, 1, decisionsFor(1, 1, AgencyDecision.RELEASE, FOREVER), REGULAR, EVIDENCE)
            ),
            abi.encodeWithSelector(IDeclarationRegistry.OwnDeclaration.selector, both),
            "its own goods"
        );
    }

    /// @dev Assignment binds officers; an inspector acts beside the officer, whatever else its key may do.
    function test_assignment_bindsOfficersAlone() public {
        uint32 roles = Roles.CUSTOMS_INSPECTOR | Roles.DECLARANT;
        address mixed = giveKey(customs, "inspector who also declares", roles, OFFICE);
        act(officer, abi.encodeCall(registry.reassign, (id, 2, OFFICE, officer, REGULAR, EVIDENCE)));
        act(mixed, abi.encodeCall(registry.notifyIrregularity, (id, 0, REGULAR, EVIDENCE)));
    }

    function test_arrival_isToldByTheCarrierNamed_orCustomsOfTheOffice() public {
        uint32 either = Roles.CARRIER | Roles.CUSTOMS_OFFICER;
        bytes memory arrival = abi.encodeCall(registry.confirmArrival, (id, 0, REGULAR, EVIDENCE));
        _notFor(either, arrival, "confirmArrival");
        _notFor(either, abi.encodeCall(registry.confirmExit, (id, 0, REGULAR, EVIDENCE)), "confirmExit");
        uint64 other = admit(Roles.CARRIER | Roles.DECLARANT, 0);
        refused(
            giveKey(other, "another carrier", Roles.CARRIER | Roles.DECLARANT),
            arrival,
            abi.encodeWithSelector(IDeclarationRegistry.NotParty.selector, other, carriage),
            "another carrier"
        );
        Lodgement memory what = lodgement(1);
        what.carrier = customs;
        id = lodgeAs(trader, what);
        refused(
            giveKey(customs, "far officer who also declares", Roles.CUSTOMS_OFFICER | Roles.DECLARANT, OTHER_OFFICE),
            abi.encodeCall(registry.confirmArrival, (id, 0, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(WrongOffice.selector, OTHER_OFFICE, OFFICE),
            "of the carrier's participant, but no carrier's key"
        );
    }
}
