// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {ControlKind, JointAct, JointKind} from "../../../contracts/types/Declaration.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {Declarations} from "./Declarations.sol";

/// @title CaseActs
/// @notice Acts on a case that tests of several chapters need, each at the case's revision of now.
abstract contract CaseActs is Declarations {
    /// @dev Asked for by the trader, granted by customs: the next version, with `changed` items to be entered anew.
    function amend(uint64 id, uint16[] memory changed) internal {
        act(trader, abi.encodeCall(registry.requestAmendment, (id, rev(id), EVIDENCE, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.grantAmendment, (id, rev(id), changed, REGULAR, EVIDENCE)));
    }

    function refuseItems(uint64 id, uint16 from, uint16 to) internal {
        act(officer, abi.encodeCall(registry.refuseItems, (id, rev(id), from, to, REGULAR, EVIDENCE)));
    }

    function clearing(uint64 id) internal view returns (bytes memory) {
        return abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE));
    }

    function appeal(uint64 id, uint16 refusal) internal {
        bytes32 requestId = freshId();
        act(trader, abi.encodeCall(registry.appeal, (requestId, id, refusal, 0, REGULAR, EVIDENCE)));
    }

    /// @dev The first decision on an appeal that was made once.
    function overturn(uint64 id, uint16 refusal) internal {
        act(appealOfficer, abi.encodeCall(registry.decideAppeal, (id, 2, refusal, true, REGULAR, EVIDENCE)));
    }

    function lowering(uint64 id, ControlKind kind) internal pure returns (JointAct memory) {
        return JointAct(id, JointKind.LOWER_CONTROL, kind, 0, 0, DeclarationReasons.ENTERED_IN_ERROR, EVIDENCE);
    }

    function propose(address who, JointAct memory joint) internal returns (bytes32 key) {
        bytes32 requestId = freshId();
        vm.prank(who);
        return registry.propose(requestId, joint);
    }

    /// @dev Items 1 to `count` with 100 of `permit` each, on security and in control: a sample is in the laboratory.
    function inLaboratory(bytes32 permit, uint16 count) internal returns (uint64 id) {
        id = lodge(count);
        accept(id, noChecks(), usesFor(permit, 1, count, 100));
        arrive(id);
        route(id, ControlKind.PHYSICAL);
        startControl(id);
        debts.set(id, 1, FiscalState.SECURED);
    }

    function releaseOnCondition(uint64 id, uint16 from, uint16 to) internal {
        act(officer, abi.encodeCall(registry.releaseConditionally, (id, rev(id), from, to, REGULAR, EVIDENCE)));
    }
}
