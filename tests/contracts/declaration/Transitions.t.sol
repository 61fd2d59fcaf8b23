// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {ControlTransitions} from "../../../contracts/libraries/ControlTransitions.sol";
import {DeclarationTransitions} from "../../../contracts/libraries/DeclarationTransitions.sol";
import {ControlAct, ControlState, DeclarationAct, DeclarationStatus} from "../../../contracts/types/Declaration.sol";
import {Test} from "../support/Test.sol";

/// @notice Makes the pure libraries callable, so that a refusal can be caught.
contract TablesHarness {
    function status(DeclarationStatus from, DeclarationAct act) external pure returns (DeclarationStatus) {
        return DeclarationTransitions.next(from, act);
    }

    function control(ControlState from, ControlAct act) external pure returns (ControlState) {
        return ControlTransitions.next(from, act);
    }
}

/// @notice The tables, cell by cell, against the digests of tests/golden/declaration_transitions.json, which the Python
///         twin computes from its own tables.
contract TransitionsTest is Test {
    bytes32 internal constant STATUS_DIGEST = hex"e0835eb38cb8b3b5016f5ddf4ba68e8657c909424d7b9a20972ab30b1f168b3f";
    bytes32 internal constant CONTROL_DIGEST = hex"b7e4cecbb8d4c28aadd91bef86d6d1dd82a96bb8db787a3812a3cfe77b5a3c5d";

    TablesHarness internal tables;

    function setUp() public {
        tables = new TablesHarness();
    }

    function test_statusTable_equalsTheGoldenOne() public view {
        uint256 acts = uint256(type(DeclarationAct).max) + 1;
        uint256 states = uint256(type(DeclarationStatus).max) + 1;
        bytes memory cells = new bytes(acts * states);
        for (uint256 a = 0; a < acts; ++a) {
            for (uint256 s = 0; s < states; ++s) {
                DeclarationAct act = DeclarationAct(a);
                DeclarationStatus from = DeclarationStatus(s);
                bytes1 cell = 0xff;
                try tables.status(from, act) returns (DeclarationStatus to) {
                    cell = bytes1(uint8(to));
                } catch (bytes memory reason) {
                    assertEq(
                        reason,
                        abi.encodeWithSelector(IDeclarationRegistry.NotInStatus.selector, act, from),
                        "refused with act and status"
                    );
                }
                cells[a * states + s] = cell;
            }
        }
        assertEq(keccak256(cells), STATUS_DIGEST, "status table");
    }

    function test_controlTable_equalsTheGoldenOne() public view {
        uint256 acts = uint256(type(ControlAct).max) + 1;
        uint256 states = uint256(type(ControlState).max) + 1;
        bytes memory cells = new bytes(acts * states);
        for (uint256 a = 0; a < acts; ++a) {
            for (uint256 s = 0; s < states; ++s) {
                ControlAct act = ControlAct(a);
                ControlState from = ControlState(s);
                bytes1 cell = 0xff;
                try tables.control(from, act) returns (ControlState to) {
                    cell = bytes1(uint8(to));
                } catch (bytes memory reason) {
                    assertEq(
                        reason,
                        abi.encodeWithSelector(IDeclarationRegistry.NotInControl.selector, act, from),
                        "refused with act and state"
                    );
                }
                cells[a * states + s] = cell;
            }
        }
        assertEq(keccak256(cells), CONTROL_DIGEST, "control table");
    }

    function test_afterItems_saysWhatTheItemsSay() public pure {
        assertEq(uint8(DeclarationTransitions.afterItems(3, 3, 0)), uint8(DeclarationStatus.ACCEPTED), "all open");
        assertEq(uint8(DeclarationTransitions.afterItems(3, 0, 3)), uint8(DeclarationStatus.ACCEPTED), "all denied");
        assertEq(uint8(DeclarationTransitions.afterItems(3, 2, 1)), uint8(DeclarationStatus.ACCEPTED), "none released");
        assertEq(
            uint8(DeclarationTransitions.afterItems(3, 1, 1)),
            uint8(DeclarationStatus.PARTLY_RELEASED),
            "one released"
        );
        assertEq(uint8(DeclarationTransitions.afterItems(3, 0, 2)), uint8(DeclarationStatus.RELEASED), "none open");
        assertEq(uint8(DeclarationTransitions.afterItems(1, 0, 0)), uint8(DeclarationStatus.RELEASED), "all released");
    }
}
