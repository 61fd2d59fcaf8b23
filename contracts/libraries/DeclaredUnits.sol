// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {QuantityLines} from "./QuantityLine.sol";

/// @title DeclaredUnits
/// @notice Units other than a permit line's own in which a declaration may state its quantity, by declared factors
///         (domain guide 4.2). A conversion is exact or it is refused: nothing is ever rounded.
/// @dev A unit is known by its terms: the line's commitment made with the same salt and the other unit, so that the
///      chain learns neither. Twin of {convert}: ledger/domain/permit.py; vectors: tests/golden/permit_units.json.
library DeclaredUnits {
    /// @notice Most units of a line under one set of terms: bounds the search.
    uint256 internal constant MAX_UNITS = 8;

    /// @dev `quantity × numerator / denominator` is the quantity in the line's unit.
    struct Unit {
        bytes32 terms;
        uint64 numerator;
        uint64 denominator;
    }

    /// @dev Numbered from 1 and never taken away, because uses cite them; those before `first` belong to earlier terms.
    struct Units {
        uint8 first;
        uint8 last;
        mapping(uint256 number => Unit) known;
    }

    /// @notice The quantity is no whole number of the line's millionths.
    error InexactConversion(uint256 quantity, uint64 numerator, uint64 denominator);
    /// @notice A factor of zero, no terms, or terms that are the line's own or declared before.
    error BadUnit(bytes32 terms, uint64 numerator, uint64 denominator);
    error TooManyUnits(uint256 limit);

    /// @notice Number of a new unit.
    function declare(
        Units storage units,
        bytes32 own,
        bytes32 terms,
        uint64 numerator,
        uint64 denominator
    ) internal returns (uint8 number) {
        bool bad = terms == 0 || terms == own || numerator == 0 || denominator == 0 || find(units, terms) != 0;
        if (bad) revert BadUnit(terms, numerator, denominator);
        number = units.last + 1;
        if (number - units.first > MAX_UNITS) revert TooManyUnits(MAX_UNITS);
        units.last = number;
        units.known[number] = Unit(terms, numerator, denominator);
    }

    /// @notice Ends all units declared so far: the line has other terms now.
    function retire(Units storage units) internal {
        if (units.last != units.first) units.first = units.last;
    }

    /// @notice Number of the unit in force with these terms; 0 if there is none.
    function find(Units storage units, bytes32 terms) internal view returns (uint8) {
        (uint8 first, uint8 last) = (units.first, units.last);
        for (uint8 number = last; number > first; --number) {
            if (units.known[number].terms == terms) return number;
        }
        return 0;
    }

    /// @notice `quantity` of unit `number` in the line's own unit; number 0 is that unit itself.
    function inLineUnit(Units storage units, uint8 number, uint96 quantity) internal view returns (uint96) {
        if (number == 0) return quantity;
        Unit storage unit = units.known[number];
        return convert(quantity, unit.numerator, unit.denominator);
    }

    /// @notice `quantity × numerator / denominator`, exact. Reverts {InexactConversion}, {QuantityLines.OutOfRange}.
    function convert(uint96 quantity, uint64 numerator, uint64 denominator) internal pure returns (uint96) {
        uint256 product = uint256(quantity) * numerator;
        if (product % denominator != 0) revert InexactConversion(quantity, numerator, denominator);
        uint256 converted = product / denominator;
        if (converted > QuantityLines.MAX) revert QuantityLines.OutOfRange(converted);
        return uint96(converted);
    }
}
