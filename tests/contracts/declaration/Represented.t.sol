// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {DeclarationStatus, Lodgement, OpenRequest, Representation} from "../../../contracts/types/Declaration.sol";
import {Reasons} from "../../../contracts/types/Reasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {CaseActs} from "./CaseActs.sol";

/// @notice Who acts for the importer of a running case: whoever has its power of attorney now, whoever lodged
///         (domain guide, section 5: BROKER).
contract RepresentedTest is CaseActs {
    uint64 internal newBrokerage;
    address internal newBroker;

    function setUp() public {
        deployDeclarations();
        (newBroker, newBrokerage) = brokerWithoutPower();
        address licensing = giveKey(customs, "licensing of another", Roles.CUSTOMS_LICENSING);
        vm.prank(licensing);
        authorisations.licenseBroker(newBrokerage, 0, time40(), FOREVER, EVIDENCE);
    }

    function _empower(uint32 scope) private {
        vm.prank(trader);
        authorisations.grantPower(freshId(), newBrokerage, scope, time40(), FOREVER, EVIDENCE);
    }

    function _byOldBroker() private returns (uint64 id) {
        Lodgement memory what = lodgement(1);
        what.representation = Representation.DIRECT;
        id = lodgeAs(broker, what);
        accept(id, noChecks(), noUses());
    }

    function _asks(uint64 id) private view returns (bytes memory) {
        return abi.encodeCall(registry.requestCancellation, (id, rev(id), REGULAR, EVIDENCE));
    }

    function _unrepresented(uint64 who, uint32 scope) private view returns (bytes memory) {
        return abi.encodeWithSelector(IDeclarationRegistry.NotRepresented.selector, who, importer, scope);
    }

    function test_newBroker_goesOnInARunningCase_andTheOldOneStops() public {
        uint64 id = _byOldBroker();
        refused(newBroker, _asks(id), _unrepresented(newBrokerage, 1), "no power yet");
        vm.prank(trader);
        authorisations.revokePower(brokerage, 1, Reasons.OWN_REQUEST);
        _empower(5);
        vm.warp(START + 1);
        refused(broker, _asks(id), _unrepresented(brokerage, 1), "who lodged, without a power any more");
        act(newBroker, _asks(id));
        assertEq(uint8(stateOf(id).request), uint8(OpenRequest.CANCELLATION), "asked for by the new one");
        assertEq(stateOf(id).declarant, brokerage, "who lodged stays who lodged");
        act(officer, abi.encodeCall(registry.refuseRequest, (id, rev(id), REGULAR, EVIDENCE)));
        act(newBroker, abi.encodeCall(registry.appeal, ("appeal", id, 1, 0, REGULAR, EVIDENCE)));
        assertEq(stateOf(id).openAppeals, 1, "appealed by the new one");
    }

    /// @dev Two powers may stand beside each other: each broker acts within its own.
    function test_brokers_actWithinTheirOwnScope() public {
        uint64 id = _byOldBroker();
        _empower(4);
        refused(newBroker, _asks(id), _unrepresented(newBrokerage, 1), "a power to appeal asks for nothing");
        act(broker, _asks(id));
        act(officer, abi.encodeCall(registry.refuseRequest, (id, rev(id), REGULAR, EVIDENCE)));
        act(newBroker, abi.encodeCall(registry.appeal, ("appeal", id, 1, 0, REGULAR, EVIDENCE)));
    }

    /// @dev As for lodging: a client is represented by a broker's key, not by any key of its participant.
    function test_power_isUsedByABrokersKey() public {
        uint64 id = accepted(1);
        _empower(7);
        refused(
            giveKey(newBrokerage, "the brokerage's own trader", Roles.DECLARANT),
            _asks(id),
            abi.encodeWithSelector(IDeclarationRegistry.NotParty.selector, newBrokerage, importer),
            "no broker's key"
        );
        act(newBroker, _asks(id));
        assertStatus(id, DeclarationStatus.ACCEPTED, "asked for a declaration that the importer lodged itself");
    }
}
