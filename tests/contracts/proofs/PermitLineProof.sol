// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {QuantityLine, QuantityLines} from "../../../contracts/libraries/QuantityLine.sol";

/// @title PermitLineProof
/// @notice available + reserved + writtenOff = authorised, through every move of a line, for every word and quantity.
/// @dev Halmos proves each `check_`: no input that the move accepts breaks an assertion. `scripts/bench halmos`.
///      Sums are unchecked, so that none of them is left out because it overflows. First each part by itself, then the
///      sum: the solver takes what it has proved as given.
contract PermitLineProof {
    function check_open(uint256 quantity) external pure {
        QuantityLine made = QuantityLines.open(quantity);
        assert(made.authorised() == quantity && made.available() == quantity);
        assert(made.reserved() == 0 && made.writtenOff() == 0);
    }

    function check_reserve(QuantityLine line, uint256 quantity) external pure {
        QuantityLine moved = line.reserve(quantity);
        assert(quantity <= line.available());
        unchecked {
            assert(moved.available() + quantity == line.available());
            assert(moved.reserved() == line.reserved() + quantity);
        }
        assert(moved.writtenOff() == line.writtenOff());
        assert(moved.authorised() == line.authorised());
    }

    function check_unreserve(QuantityLine line, uint256 quantity) external pure {
        QuantityLine moved = line.unreserve(quantity);
        assert(quantity <= line.reserved());
        unchecked {
            assert(moved.available() == line.available() + quantity);
            assert(moved.reserved() + quantity == line.reserved());
        }
        assert(moved.writtenOff() == line.writtenOff());
        assert(moved.authorised() == line.authorised());
    }

    function check_writeOff(QuantityLine line, uint256 held, uint256 quantity) external pure {
        QuantityLine moved = line.writeOff(held, quantity);
        assert(quantity <= held && held <= line.reserved());
        unchecked {
            assert(moved.available() == line.available() + held - quantity);
            assert(moved.reserved() == line.reserved() - held);
            assert(moved.writtenOff() == line.writtenOff() + quantity);
        }
    }

    /// @dev The sum of what {check_writeOff} proves of the three parts. They have 96 bits, so it is exact.
    function check_writeOff_sum(uint96[3] calldata line, uint256 held, uint256 quantity) external pure {
        unchecked {
            uint256 moved = (line[0] + held - quantity) + (line[1] - held) + (line[2] + quantity);
            assert(moved == uint256(line[0]) + line[1] + line[2]);
        }
    }

    function check_restore(QuantityLine line, uint256 quantity) external pure {
        QuantityLine moved = line.restore(quantity);
        assert(quantity <= line.writtenOff());
        unchecked {
            assert(moved.available() == line.available() + quantity);
            assert(moved.writtenOff() + quantity == line.writtenOff());
        }
        assert(moved.reserved() == line.reserved());
        assert(moved.authorised() == line.authorised());
    }

    function check_restate(QuantityLine line, uint256 quantity) external pure {
        QuantityLine moved = line.restate(quantity);
        assert(moved.authorised() == quantity);
        assert(moved.reserved() == line.reserved() && moved.writtenOff() == line.writtenOff());
    }
}
