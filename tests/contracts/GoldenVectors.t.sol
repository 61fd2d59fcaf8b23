// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DeclaredUnits} from "../../contracts/libraries/DeclaredUnits.sol";
import {GuaranteeReference} from "../../contracts/libraries/GuaranteeReference.sol";
import {MrnCodec} from "../../contracts/libraries/MrnCodec.sol";
import {PermitTerms} from "../../contracts/libraries/PermitTerms.sol";
import {QuantityLines} from "../../contracts/libraries/QuantityLine.sol";
import {ReferenceNumber} from "../../contracts/libraries/ReferenceNumber.sol";
import {Test} from "./support/Test.sol";

/// @notice What the arithmetic refuses is seen from outside.
contract VectorHarness {
    function convert(uint96 quantity, uint64 numerator, uint64 denominator) external pure returns (uint96) {
        return DeclaredUnits.convert(quantity, numerator, denominator);
    }

    function mrn(
        uint40 instant,
        bytes2 country,
        uint8 version,
        uint64 counter,
        bytes1 procedure
    ) external pure returns (bytes18) {
        return MrnCodec.mrn(instant, country, version, counter, procedure);
    }
}

/// @notice Reference numbers, permits' terms and declared units: each vector of tests/golden/reference_numbers.json,
///         permit_terms.json and permit_units.json with the answer given here, folded into that file's digest.
///         tests/unit/test_golden_vectors.py holds files, twins and the digests below together.
contract GoldenVectorsTest is Test {
    bytes32 internal constant MRN = hex"c74de3570a2ba3f2b7b74f52ff1f979c1e35d3d84bd712e0b577a1d843243e9e";
    bytes32 internal constant GRN = hex"a0b8180d240f6434f92efb0d1d7fbf349391f47bee3222dc72bb220eb6815b67";
    bytes32 internal constant PERMIT_TERMS = hex"016e5fa8bf0f7825d8394eefd39c0a97f9b4ab597c64586e43f5a97b43f7acab";
    bytes32 internal constant PERMIT_UNITS = hex"d39afad774a18e443a039b3733ba95b067b18a919b5110b5c32374770c7834c7";
    /// @dev A conversion that has no answer: not exact, too large.
    uint256 private constant INEXACT = type(uint256).max;
    uint256 private constant TOO_LARGE = type(uint256).max - 1;

    VectorHarness internal made;
    bytes32 internal seen;

    function setUp() public {
        made = new VectorHarness();
    }

    // ---------------------------------------------------------------- reference numbers

    function test_mrn_equalsTheGoldenVectors() public {
        _mrn(1_795_510_800, "UZ", 1, 1, "A");
        _mrn(1_830_297_599, "UZ", 1, 36, "B");
        _mrn(1_830_297_600, "UZ", 9, 46_655, "C");
        _mrn(1_835_438_400, "UZ", 10, 46_656, "A");
        _mrn(4_102_444_799, "KZ", 35, 72_057_594_037_927_935, "Z");
        _mrn(4_102_444_800, "GB", 2, 123_456_789_012, "T");
        _mrn(951_868_799, "AZ", 11, 1_679_615, "K");
        _mrn(13_601_087_999, "NL", 34, 5, "L");
        _mrn(1_814_356_800, "TM", 3, 3, "M");
        assertEq(seen, MRN, "MRN");
    }

    function test_grn_equalsTheGoldenVectors() public {
        _grn(0, "UZ", 0);
        _grn(946_684_799, "KG", 35);
        _grn(1_795_510_800, "UZ", 36);
        _grn(1_803_859_200, "TJ", 36 ** 12 - 1);
        _grn(4_107_542_399, "GB", 36 ** 12);
        _grn(4_133_980_800, "XI", type(uint256).max);
        _grn(3_981_312_000, "CN", uint256(keccak256("seed")));
        assertEq(seen, GRN, "GRN");
    }

    /// @dev 24GBDIRIGZ7QLCPAA8, as published by HM Revenue and Customs.
    function test_checkDigit_ofThePublishedExample() public pure {
        assertEq(bytes32(ReferenceNumber.checkDigit("24GBDIRIGZ7QLCPAA8", 17)), bytes32(bytes1("8")), "ISO 6346");
    }

    /// @dev Letter by letter, as ISO 6346 lists them: 11, 22 and 33 are left out, so that each weighs something.
    function test_checkDigit_ofEachLetter() public pure {
        uint256 value = 10;
        for (uint256 letter = uint8(bytes1("A")); letter <= uint8(bytes1("Z")); ++letter) {
            bytes memory text = abi.encodePacked(uint8(letter));
            assertEq(uint8(ReferenceNumber.checkDigit(text, 1)[0]), 48 + ((value % 11) % 10), string(text));
            ++value;
            if (value % 11 == 0) ++value;
        }
        for (uint256 digit = 0; digit <= 9; ++digit) {
            bytes memory text = abi.encodePacked(uint8(48 + digit));
            assertEq(uint8(ReferenceNumber.checkDigit(text, 1)[0]), 48 + digit, string(text));
        }
    }

    /// @dev Walks the calendar by its own rule: every fourth year is leap, no hundredth, but every four-hundredth. Asked at
    ///      the seconds before and from 1 January and 1 March.
    function test_yearOf_fromTheEpochToTheYear2810() public pure {
        uint256 day;
        for (uint256 year = 1970; year <= 2810; ++year) {
            bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            uint256 march = day + (leap ? 60 : 59);
            uint256 next = day + (leap ? 366 : 365);
            assertEq(ReferenceNumber.yearOf(day * 1 days), year, "first second of January");
            assertEq(ReferenceNumber.yearOf(march * 1 days - 1), year, "last second of February");
            assertEq(ReferenceNumber.yearOf(march * 1 days), year, "first second of March");
            assertEq(ReferenceNumber.yearOf(next * 1 days - 1), year, "last second of December");
            day = next;
        }
    }

    function testFuzz_mrn_readsBack(uint256 instant, uint256 version, uint256 counter) public pure {
        version = bound(version, 1, MrnCodec.MAX_VERSION);
        counter = bound(counter, 1, type(uint56).max);
        bytes18 number = MrnCodec.mrn(
            uint40(bound(instant, 0, type(uint40).max)),
            "UZ",
            uint8(version),
            uint64(counter),
            "A"
        );
        assertEq(MrnCodec.counterOf(number), counter, "counter");
        bytes memory text = abi.encodePacked(number);
        assertEq(bytes32(text[17]), bytes32(ReferenceNumber.checkDigit(text, 17)), "check digit");
    }

    function testFuzz_mrn_twoRegistriesNeverGiveTheSame(
        uint256 a,
        uint256 b,
        uint256 counterA,
        uint256 counterB
    ) public pure {
        a = bound(a, 1, 34);
        b = bound(b, a + 1, 35);
        bytes18 first = MrnCodec.mrn(0, "UZ", uint8(a), uint64(bound(counterA, 1, type(uint56).max)), "A");
        bytes18 second = MrnCodec.mrn(0, "UZ", uint8(b), uint64(bound(counterB, 1, type(uint56).max)), "A");
        assertTrue(first != second, "differ");
    }

    function test_numbersOutsideTheFormat_revert() public {
        vm.expectRevert(abi.encodeWithSelector(MrnCodec.BadRegistryVersion.selector, 0));
        made.mrn(0, "UZ", 0, 1, "A");
        vm.expectRevert(abi.encodeWithSelector(MrnCodec.BadRegistryVersion.selector, 36));
        made.mrn(0, "UZ", 36, 1, "A");
        vm.expectRevert(abi.encodeWithSelector(MrnCodec.BadCounter.selector, 0));
        made.mrn(0, "UZ", 1, 0, "A");
        vm.expectRevert(abi.encodeWithSelector(MrnCodec.BadCounter.selector, uint64(1) << 56));
        made.mrn(0, "UZ", 1, uint64(1) << 56, "A");
    }

    /// @dev The characters on both sides of the digits and of the capitals, at the last place of the counter.
    function test_counterOf_aNumberThatIsNone_isZero() public pure {
        assertEq(MrnCodec.counterOf(bytes18("26UZ10000000000/A1")), 0, "below 0");
        assertEq(MrnCodec.counterOf(bytes18("26UZ10000000000:A1")), 0, "above 9");
        assertEq(MrnCodec.counterOf(bytes18("26UZ10000000000@A1")), 0, "below A");
        assertEq(MrnCodec.counterOf(bytes18("26UZ10000000000[A1")), 0, "above Z");
        assertEq(MrnCodec.counterOf(bytes18("26UZ10000000000aA1")), 0, "lower case");
        assertEq(MrnCodec.counterOf(bytes18("26UZ1ZZZZZZZZZZZA1")), 0, "too large");
        assertEq(MrnCodec.counterOf(bytes18("26UZ1000000000")), 0, "too short");
        assertEq(MrnCodec.counterOf(bytes18("26UZ10000000000ZA1")), 35, "the last digit of all");
        assertEq(MrnCodec.counterOf(bytes18("26UZ10000000009AA1")), 9 * 36 + 10, "9, then A");
    }

    // ---------------------------------------------------------------- permits

    function test_permitTerms_equalTheGoldenVectors() public {
        _terms(hex"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 17, "0806101000", "TR", "KGM");
        _terms(bytes32(type(uint256).max), 1, "08", "", "TNE");
        _terms(bytes32(uint256(1)), type(uint64).max, "2402", "UZ", "UZS");
        _terms(hex"a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5", 400, "870323", "JP", "H87");
        assertEq(seen, PERMIT_TERMS, "terms");
    }

    function test_permitUnits_equalTheGoldenVectors() public {
        uint96 largest = uint96(QuantityLines.MAX);
        _unit(1_500_000, 1_000, 1);
        _unit(1, 1_000, 1);
        _unit(2_500_000, 1, 1_000);
        _unit(2_500_001, 1, 1_000);
        _unit(1_000_000, 45_359_237, 100_000_000);
        _unit(100_000_000, 45_359_237, 100_000_000);
        _unit(largest, 1, 1);
        _unit(largest, 2, 1);
        _unit(largest, 2, 2);
        _unit(7, type(uint64).max, type(uint64).max);
        _unit(type(uint96).max, 1, 1);
        assertEq(seen, PERMIT_UNITS, "units");
    }

    // ---------------------------------------------------------------- folding

    function _mrn(uint40 instant, bytes2 country, uint8 version, uint64 counter, bytes1 procedure) private {
        bytes18 number = MrnCodec.mrn(instant, country, version, counter, procedure);
        assertEq(MrnCodec.counterOf(number), counter, "counter of");
        seen = keccak256(abi.encode(seen, instant, country, version, counter, procedure, number));
    }

    function _grn(uint40 instant, bytes2 country, uint256 seed) private {
        seen = keccak256(abi.encode(seen, instant, country, seed, GuaranteeReference.make(country, instant, seed)));
    }

    function _terms(bytes32 salt, uint64 holder, string memory prefix, bytes2 origin, bytes3 unit) private {
        bytes32 commitment = PermitTerms.commitment(salt, holder, prefix, origin, unit);
        seen = keccak256(abi.encode(seen, salt, holder, prefix, origin, unit, commitment));
    }

    function _unit(uint96 quantity, uint64 numerator, uint64 denominator) private {
        uint256 converted;
        try made.convert(quantity, numerator, denominator) returns (uint96 exact) {
            converted = exact;
        } catch (bytes memory reason) {
            bool inexact = bytes4(reason) == DeclaredUnits.InexactConversion.selector;
            if (!inexact) assertEq(bytes32(bytes4(reason)), bytes32(QuantityLines.OutOfRange.selector), "refusal");
            converted = inexact ? INEXACT : TOO_LARGE;
        }
        seen = keccak256(abi.encode(seen, quantity, numerator, denominator, converted));
    }
}
