// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPermitRegistry, PermitLine, UseState} from "../../../contracts/interfaces/IPermitRegistry.sol";
import {PermitUse} from "../../../contracts/interfaces/IPermitUse.sol";
import {DeclaredUnits} from "../../../contracts/libraries/DeclaredUnits.sol";
import {QuantityLines} from "../../../contracts/libraries/QuantityLine.sol";
import {WrongVersion} from "../../../contracts/types/Errors.sol";
import {PermitReasons} from "../../../contracts/types/PermitReasons.sol";
import {PermitFixture} from "./PermitFixture.sol";

/// @dev Units convert only by declared factors, exactly or not at all.
contract PermitUnitsTest is PermitFixture {
    bytes32 private constant IN_TONNES = keccak256("the same terms, in tonnes");
    bytes32 private constant IN_POUNDS = keccak256("the same terms, in pounds");
    bytes32 private constant IN_MONEY = keccak256("the same goods, in a currency");
    uint16 private constant WHY = PermitReasons.HOLDER_REQUEST;

    bytes32 private permit;

    function setUp() public {
        deployPermits();
        permit = issue(5_000_000_000, false); // 5,000 kg
    }

    function declare(bytes32 terms, uint64 numerator, uint64 denominator) private {
        uint32 version = permits.permitHead(permit).version;
        vm.prank(officer);
        permits.declareUnit(permit, version, 0, terms, numerator, denominator, WHY, EVIDENCE);
    }

    function stated(bytes32 terms, uint96 quantity) private view returns (PermitUse[] memory uses) {
        uses = new PermitUse[](1);
        uses[0] = PermitUse(permit, 1, 0, quantity, terms);
    }

    function reserveStated(bytes32 terms, uint96 quantity) private {
        vm.prank(registry);
        permits.reserve(CASE, 1, stated(terms, quantity), time40());
    }

    function test_declareUnit_keepsAndTells() public {
        vm.expectEmit(address(permits));
        emit IPermitRegistry.UnitDeclared(permit, 0, 1, IN_TONNES, 1000, 1);
        declare(IN_TONNES, 1000, 1);
        (uint8 unit, uint64 numerator, uint64 denominator) = permits.unitOf(permit, 0, IN_TONNES);
        assertTrue(unit == 1 && numerator == 1000 && denominator == 1, "kept");
        assertEq(permits.permitHead(permit).version, 2, "an act on the permit");
    }

    function test_undeclaredUnit_isRefused() public {
        vm.prank(registry);
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.TermsMismatch.selector, permit, 0, TERMS, IN_TONNES));
        permits.reserve(CASE, 1, stated(IN_TONNES, 1_000_000), time40());
    }

    /// @dev Stated in tonnes through its whole life, counted in kilograms.
    function test_declaredUnit_throughAUsesLife() public {
        declare(IN_TONNES, 1000, 1);
        reserveStated(IN_TONNES, 1_500_000);
        assertLine(permit, 3_500_000_000, 1_500_000_000, 0);
        reserveStated(IN_TONNES, 1_500_000);
        assertLine(permit, 3_500_000_000, 1_500_000_000, 0);
        PermitUse[] memory later = stated(0, 1_500_000); // as the declaration registry keeps it
        assertTrue(permits.usable(CASE, 1, later)[0], "usable");
        assertFalse(permits.usable(CASE, 1, stated(0, 1_500_001))[0], "not for more");
        vm.startPrank(registry);
        permits.writeOff(CASE, 1, stated(0, 1_200_000));
        assertLine(permit, 3_800_000_000, 0, 1_200_000_000);
        permits.writeOff(CASE, 1, stated(0, 1_200_000));
        assertLine(permit, 3_800_000_000, 0, 1_200_000_000);
        permits.restore(CASE, 1, later);
        vm.stopPrank();
        assertLine(permit, 5_000_000_000, 0, 0);
    }

    function test_moreThanThereIs_isToldInTheLinesUnit() public {
        declare(IN_TONNES, 1000, 1);
        vm.prank(registry);
        vm.expectRevert(
            abi.encodeWithSelector(IPermitRegistry.NotEnoughAvailable.selector, permit, 0, 5_000_000_000, 5_000_001_000)
        );
        permits.reserve(CASE, 1, stated(IN_TONNES, 5_000_001), time40());
    }

    function test_inexactConversion_isRefused() public {
        declare(IN_POUNDS, 45_359_237, 100_000_000);
        vm.prank(registry);
        vm.expectRevert(
            abi.encodeWithSelector(DeclaredUnits.InexactConversion.selector, 1, uint64(45_359_237), uint64(100_000_000))
        );
        permits.reserve(CASE, 1, stated(IN_POUNDS, 1), time40());
        reserveStated(IN_POUNDS, 100_000_000);
        assertLine(permit, 5_000_000_000 - 45_359_237, 45_359_237, 0);
    }

    function test_declareUnit_refusals() public {
        declare(IN_TONNES, 1000, 1);
        expectBadUnit(0, 1, 1);
        expectBadUnit(TERMS, 1, 1);
        expectBadUnit(IN_TONNES, 1, 1);
        expectBadUnit(IN_POUNDS, 0, 1);
        expectBadUnit(IN_POUNDS, 1, 0);
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.UnknownLine.selector, permit, 1));
        permits.declareUnit(permit, 2, 1, IN_POUNDS, 1, 1, WHY, EVIDENCE);
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 1, 2));
        permits.declareUnit(permit, 1, 0, IN_POUNDS, 1, 1, WHY, EVIDENCE);
        vm.prank(otherOfficer);
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.NotIssuer.selector, permit, agency, otherAgency));
        permits.declareUnit(permit, 2, 0, IN_POUNDS, 1, 1, WHY, EVIDENCE);
        for (uint256 i = 2; i <= DeclaredUnits.MAX_UNITS; ++i) {
            declare(bytes32(i), 1, 1);
        }
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(DeclaredUnits.TooManyUnits.selector, DeclaredUnits.MAX_UNITS));
        permits.declareUnit(permit, 9, 0, IN_POUNDS, 1, 1, WHY, EVIDENCE);
    }

    function expectBadUnit(bytes32 terms, uint64 numerator, uint64 denominator) private {
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(DeclaredUnits.BadUnit.selector, terms, numerator, denominator));
        permits.declareUnit(permit, 2, 0, terms, numerator, denominator, WHY, EVIDENCE);
    }

    /// @dev A replacement states the terms anew; what was reserved before keeps its own factor.
    function test_replacement_endsUnits_notUses() public {
        declare(IN_TONNES, 1000, 1);
        reserveStated(IN_TONNES, 2_000_000);
        bytes32 other = replace(permit, 2, 4_000_000_000);
        (uint8 unit, , ) = permits.unitOf(other, 0, IN_TONNES);
        assertEq(unit, 0, "ended");
        PermitUse[] memory anew = stated(IN_TONNES, 1);
        anew[0].permit = other;
        anew[0].item = 2;
        vm.prank(registry);
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.TermsMismatch.selector, other, 0, TERMS, IN_TONNES));
        permits.reserve(CASE, 1, anew, time40());
        vm.prank(registry);
        permits.writeOff(CASE, 1, stated(0, 2_000_000));
        assertLine(other, 2_000_000_000, 0, 2_000_000_000);
        (UseState state, , uint96 writtenOff) = permits.useOf(permit, 0, CASE, 1, 1);
        assertTrue(state == UseState.WRITTEN_OFF && writtenOff == 2_000_000_000, "in the line's unit");
    }

    // ----- the arithmetic, whose vectors are in GoldenVectors.t.sol

    function convert(uint96 quantity, uint64 numerator, uint64 denominator) external pure returns (uint96) {
        return DeclaredUnits.convert(quantity, numerator, denominator);
    }

    function testFuzz_convert_isExactOrRefused(uint96 quantity, uint64 numerator, uint64 denominator) public {
        quantity = uint96(bound(quantity, 1, QuantityLines.MAX));
        numerator = uint64(bound(numerator, 1, type(uint64).max));
        denominator = uint64(bound(denominator, 1, type(uint64).max));
        uint256 product = uint256(quantity) * numerator;
        if (product % denominator != 0) {
            vm.expectPartialRevert(DeclaredUnits.InexactConversion.selector);
            this.convert(quantity, numerator, denominator);
        } else if (product / denominator > QuantityLines.MAX) {
            vm.expectPartialRevert(QuantityLines.OutOfRange.selector);
            this.convert(quantity, numerator, denominator);
        } else {
            uint96 converted = this.convert(quantity, numerator, denominator);
            assertEq(uint256(converted) * denominator, product, "nothing lost");
        }
    }

    // ----- value ceiling: a line whose unit is a currency, beside the line of quantity

    /// @dev 5,000 kg worth at most 2,000.00: whichever of the two is short refuses the item, and both stay as they were.
    function test_valueCeiling_refusesWhatTheQuantityWouldAllow() public {
        bytes32 capped = issueCapped(5_000_000_000, 2_000_000_000);
        PermitUse[] memory uses = new PermitUse[](2);
        uses[0] = PermitUse(capped, 1, 0, 100_000_000, TERMS);
        uses[1] = PermitUse(capped, 1, 1, 1_500_000_000, IN_MONEY);
        vm.prank(registry);
        permits.reserve(CASE, 1, uses, time40());
        (uses[0].item, uses[1].item) = (2, 2);
        vm.prank(registry);
        vm.expectRevert(
            abi.encodeWithSelector(IPermitRegistry.NotEnoughAvailable.selector, capped, 1, 500_000_000, 1_500_000_000)
        );
        permits.reserve(CASE, 1, uses, time40());
        assertLine(capped, 4_900_000_000, 100_000_000, 0);
        uses[1].quantity = 500_000_000;
        vm.prank(registry);
        permits.reserve(CASE, 1, uses, time40());
        (, uint96 left, , ) = permits.lineOf(capped, 1);
        assertEq(left, 0, "the ceiling is reached to the last unit");
    }

    function issueCapped(uint96 quantity, uint96 value) private returns (bytes32) {
        bytes32 requestId = freshId();
        PermitLine[] memory lines = new PermitLine[](2);
        lines[0] = PermitLine(TERMS, quantity);
        lines[1] = PermitLine(IN_MONEY, value);
        vm.prank(officer);
        return permits.issue(requestId, PHYTO, time40(), time40() + 1 days, lines, false, EVIDENCE, 0);
    }

    /// @dev Eight units under each set of terms, not in all.
    function test_declareUnit_eightMoreUnderOtherTerms() public {
        for (uint256 i = 1; i <= 8; ++i) {
            declare(keccak256(abi.encode("unit", i)), 1, 1);
        }
        vm.prank(officer);
        permit = permits.replace("r", permit, 9, time40(), time40(), oneLine(5_000_000_000), 107, EVIDENCE);
        for (uint256 i = 1; i <= 8; ++i) {
            declare(keccak256(abi.encode("unit", i)), 1, 1);
        }
        (uint8 unit, , ) = permits.unitOf(permit, 0, keccak256(abi.encode("unit", 8)));
        assertEq(unit, 16, "numbered on");
    }

    function convert(uint96 quantity, uint64 numerator) external pure returns (uint96) {
        return DeclaredUnits.convert(quantity, numerator, 1);
    }

    function test_convert_upToTheLargestQuantity() public {
        assertEq(this.convert(uint96(QuantityLines.MAX), 1), QuantityLines.MAX, "the largest");
        vm.expectRevert(abi.encodeWithSelector(QuantityLines.OutOfRange.selector, QuantityLines.MAX + 1));
        this.convert(1 << 84, 2);
    }
}
