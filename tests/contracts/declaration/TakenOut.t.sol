// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Check, ItemAgency} from "../../../contracts/types/Declaration.sol";
import {Declarations} from "./Declarations.sol";

/// @notice Checks that were entered, and taken out when the acceptance was abandoned, are nobody's: an agency in another's
///         place takes over what was entered after.
contract TakenOutTest is Declarations {
    function setUp() public {
        deployDeclarations();
    }

    /// @dev Entered with `before`, abandoned, accepted with quarantine's one check; quarantine's place is veterinary's.
    function takenOver(ItemAgency[] memory before) private returns (Check[] memory) {
        uint64 id = lodge(1);
        act(officer, abi.encodeCall(registry.beginAcceptance, (id, 1, ruleVersion, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.enterItems, (id, 2, 1, 1, before, noUses())));
        act(officer, abi.encodeCall(registry.abandon, (id, 3, 0, REGULAR, EVIDENCE)));
        accept(id, checksFor(1, 1), noUses());
        succeed(quarantine, 0, veterinary);
        act(vet, abi.encodeCall(registry.takeOverChecks, (id, 0, quarantine, 1, 1, REGULAR, EVIDENCE)));
        return registry.checks(id, 1);
    }

    function assertSuccessors(Check[] memory left) private view {
        assertEq(left.length, 1, "the check is there");
        assertTrue(left[0].agency == veterinary && left[0].checkCode == CHECK, "and the successor's");
    }

    function test_aCheckOfTheSuccessor_takenOut_standsForNothing() public {
        ItemAgency[] memory before = new ItemAgency[](2);
        before[0] = ItemAgency(1, quarantine, CHECK);
        before[1] = ItemAgency(1, veterinary, CHECK);
        assertSuccessors(takenOver(before));
    }

    function test_aCheckOfTheAgency_takenOut_isNotTakenOver() public {
        ItemAgency[] memory before = new ItemAgency[](2);
        before[0] = ItemAgency(1, quarantine, CHECK - 1);
        before[1] = ItemAgency(1, quarantine, CHECK);
        assertSuccessors(takenOver(before));
    }
}
