// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {QuantityLine, QuantityLines} from "../../../contracts/libraries/QuantityLine.sol";

/// @title PermitLineProof
/// @notice available + reserved + writtenOff = authorised, through every move of a line, for every word and quantity.
/// @dev Halmos proves each `check_`: no input that the move accepts breaks an assertion. `scripts/bench halmos`.
contract PermitLineProof {
    function check_open(uint256 quantity) external pure {
        QuantityLine made = QuantityLines.open(quantity);
        assert(made.authorised() == quantity && made.available() == quantity);
    }

    function check_reserve(QuantityLine line, uint256 quantity) external pure {
        QuantityLine moved = line.reserve(quantity);
        assert(moved.authorised() == line.authorised());
        assert(moved.available() + quantity == line.available() && moved.writtenOff() == line.writtenOff());
    }

    function check_unreserve(QuantityLine line, uint256 quantity) external pure {
        QuantityLine moved = line.unreserve(quantity);
        assert(moved.authorised() == line.authorised());
        assert(moved.reserved() + quantity == line.reserved() && moved.writtenOff() == line.writtenOff());
    }

    function check_writeOff(QuantityLine line, uint256 held, uint256 quantity) external pure {
        QuantityLine moved = line.writeOff(held, quantity);
        assert(moved.authorised() == line.authorised());
        assert(moved.reserved() + held == line.reserved() && moved.writtenOff() == line.writtenOff() + quantity);
    }

    function check_restore(QuantityLine line, uint256 quantity) external pure {
        QuantityLine moved = line.restore(quantity);
        assert(moved.authorised() == line.authorised());
        assert(moved.writtenOff() + quantity == line.writtenOff() && moved.reserved() == line.reserved());
    }

    function check_restate(QuantityLine line, uint256 quantity) external pure {
        QuantityLine moved = line.restate(quantity);
        assert(moved.authorised() == quantity);
        assert(moved.reserved() == line.reserved() && moved.writtenOff() == line.writtenOff());
    }
}
