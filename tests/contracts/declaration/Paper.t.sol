// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {AgencyDecision, ControlKind, ControlState, JointAct} from "../../../contracts/types/Declaration.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {CaseActs} from "./CaseActs.sol";

/// @notice Acts that were done on paper by more than one person, or by an agency's officer (domain guide 4.9).
contract PaperTest is CaseActs {
    function setUp() public {
        deployDeclarations();
    }

    /// @dev `who` entered, and `second` confirmed, that the act was done on paper.
    function _onPaper(address who, address second, uint64 id, bytes4 selector) private returns (bytes32 entry) {
        bytes32 requestId = freshId();
        vm.prank(who);
        entry = registry.enterFallback(requestId, id, selector, time40(), EVIDENCE);
        act(second, abi.encodeCall(registry.confirmFallback, (entry, 1, EVIDENCE)));
    }

    /// @dev Each of the two has a paper of its own, and each is confirmed by another officer.
    function test_actOfTwoPersons_onPaper_isEnteredByEachOfThem() public {
        uint64 id = accepted(1);
        route(id, ControlKind.PHYSICAL);
        JointAct memory lower = lowering(id, ControlKind.DOCUMENTARY);
        lower.reason = DeclarationReasons.FALLBACK;
        bytes32 first = _onPaper(risk2, officer, id, registry.propose.selector);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.FallbackUsed(id, risk2, first, registry.propose.selector, time40(), officer);
        bytes32 key = propose(risk2, lower);
        bytes memory signs = abi.encodeCall(registry.countersign, (key, controlRev(id), lower));
        refused(
            officer2,
            signs,
            abi.encodeWithSelector(
                IDeclarationRegistry.NoFallback.selector,
                id,
                officer2,
                registry.countersign.selector
            ),
            "the first one's paper is used up"
        );
        _onPaper(officer2, officer, id, registry.countersign.selector);
        act(officer2, signs);
        assertEq(uint8(stateOf(id).control), uint8(ControlState.REQUIRED), "lowered");
    }

    function test_agencysOfficer_decidedOnPaper() public {
        uint64 id = lodge(1);
        accept(id, checksFor(1, 1), noUses());
        uint16 f = DeclarationReasons.FALLBACK;
        bytes32 entry = _onPaper(phyto, officer, id, registry.decideItems.selector);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.FallbackUsed(id, phyto, entry, registry.decideItems.selector, time40(), officer);
        act(
            phyto,
            abi.encodeCall(
                registry.decideItems,
                (id, 0, 1, decisionsFor(1, 1, AgencyDecision.RELEASE, FOREVER), f, EVIDENCE)
            )
        );
        assertEq(uint8(registry.checks(id, 1)[0].decision), uint8(AgencyDecision.RELEASE), "decided");
    }

    /// @dev A paper whose act the case has outrun blocks no other, and serves no other.
    function test_paper_isCitedByItsOwnActAlone() public {
        uint64 id = accepted(3);
        ready(id);
        bytes4 selector = registry.release.selector;
        uint16 f = DeclarationReasons.FALLBACK;
        bytes32[2] memory papers = [keccak256("paper of item 1"), keccak256("paper of item 2")];
        for (uint256 i = 0; i < 2; ++i) {
            bytes32 requestId = freshId();
            vm.prank(officer);
            bytes32 entry = registry.enterFallback(requestId, id, selector, time40(), papers[i]);
            act(officer2, abi.encodeCall(registry.confirmFallback, (entry, 1, EVIDENCE)));
        }
        seize(id, 1, 1);
        act(officer, abi.encodeCall(registry.release, (id, rev(id), 2, 2, f, papers[1])));
        bytes memory none = abi.encodeWithSelector(IDeclarationRegistry.NoFallback.selector, id, officer, selector);
        bytes32[3] memory others = [papers[1], EVIDENCE, bytes32(0)];
        for (uint256 i = 0; i < 3; ++i) {
            refused(
                officer,
                abi.encodeCall(registry.release, (id, rev(id), 3, 3, f, others[i])),
                none,
                "used up, of no entry, of no paper"
            );
        }
    }
}
