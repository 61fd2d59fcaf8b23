// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {ControlTransitions} from "../../../contracts/libraries/ControlTransitions.sol";
import {DeclarationTransitions} from "../../../contracts/libraries/DeclarationTransitions.sol";
import {MrnCodec} from "../../../contracts/libraries/MrnCodec.sol";
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

    function mrn(
        uint40 instant,
        bytes2 country,
        uint8 version,
        uint64 counter,
        bytes1 procedure
    ) external pure returns (bytes18) {
        return MrnCodec.mrn(instant, country, version, counter, procedure);
    }

    function grn(uint40 instant, bytes2 country, uint8 version, uint64 counter) external pure returns (bytes17) {
        return MrnCodec.grn(instant, country, version, counter);
    }
}

/// @notice The tables, cell by cell, against the digests of tests/golden/declaration_transitions.json, which the Python
///         twin computes from its own tables; and the numbers against that file's vectors.
contract TransitionsTest is Test {
    bytes32 internal constant STATUS_DIGEST = hex"72e745a22cb5a38c5df58db966be19a6cb7cc1ac1c36de9af03a410b1aa7481a";
    bytes32 internal constant CONTROL_DIGEST = hex"a89dade11de3208131f06839a1eac7c358184760bf1b3d0c141e6b945b233728";

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

    function test_mrn_equalsTheGoldenVectors() public pure {
        _vector(1_795_510_800, "UZ", 1, 1, "A", "26UZ100000000001A1");
        _vector(1_830_297_599, "UZ", 1, 36, "B", "27UZ100000000010B5");
        _vector(1_830_297_600, "UZ", 9, 46_655, "C", "28UZ900000000ZZZC1");
        _vector(1_835_438_400, "UZ", 10, 46_656, "A", "28UZA00000001000A0");
        _vector(4_102_444_799, "KZ", 35, (1 << 56) - 1, "Z", "99KZZJPIA9PM8JR3Z3");
        _vector(4_102_444_800, "GB", 2, 123_456_789_012, "T", "00GB20001KPQZG2CT4");
    }

    function test_checkDigit_ofThePublishedExample() public pure {
        assertEq(bytes32(MrnCodec.checkDigit("24GBDIRIGZ7QLCPAA8", 17)), bytes32(bytes1("8")), "ISO 6346");
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
        assertEq(bytes32(text[17]), bytes32(MrnCodec.checkDigit(text, 17)), "check digit");
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
        tables.mrn(0, "UZ", 0, 1, "A");
        vm.expectRevert(abi.encodeWithSelector(MrnCodec.BadRegistryVersion.selector, 36));
        tables.mrn(0, "UZ", 36, 1, "A");
        vm.expectRevert(abi.encodeWithSelector(MrnCodec.BadCounter.selector, 0));
        tables.mrn(0, "UZ", 1, 0, "A");
        vm.expectRevert(abi.encodeWithSelector(MrnCodec.BadCounter.selector, uint64(1) << 56));
        tables.grn(0, "UZ", 1, uint64(1) << 56);
    }

    function test_counterOf_aNumberThatIsNone_isZero() public pure {
        assertEq(MrnCodec.counterOf(bytes18("26UZ1!0000000001A1")), 0, "no alphanumeric");
        assertEq(MrnCodec.counterOf(bytes18("26UZ1zzzzzzzzzzzA1")), 0, "lower case");
        assertEq(MrnCodec.counterOf(bytes18("26UZ1ZZZZZZZZZZZA1")), 0, "too large");
    }

    function test_yearOf_atTheEdges() public pure {
        assertEq(MrnCodec.yearOf(0), 1970, "epoch");
        assertEq(MrnCodec.yearOf(951_782_400), 2000, "29 February 2000");
        assertEq(MrnCodec.yearOf(978_307_199), 2000, "last second of 2000");
        assertEq(MrnCodec.yearOf(978_307_200), 2001, "first second of 2001");
        assertEq(MrnCodec.yearOf(4_107_542_399), 2100, "28 February 2100");
        assertEq(MrnCodec.yearOf(4_107_542_400), 2100, "1 March 2100, no leap year");
    }

    function _vector(
        uint40 instant,
        bytes2 country,
        uint8 version,
        uint64 counter,
        bytes1 procedure,
        string memory expected
    ) private pure {
        bytes18 number = MrnCodec.mrn(instant, country, version, counter, procedure);
        assertEq(bytes32(number), bytes32(bytes18(bytes(expected))), expected);
        assertEq(MrnCodec.counterOf(number), counter, "counter of");
        bytes17 guarantee = MrnCodec.grn(instant, country, version, counter);
        assertEq(bytes32(bytes16(guarantee)), bytes32(bytes16(number)), "the same head");
    }
}
