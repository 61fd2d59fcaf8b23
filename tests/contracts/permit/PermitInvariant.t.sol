// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PermitRegistry} from "../../../contracts/PermitRegistry.sol";
import {PermitLine, PermitState, UseState} from "../../../contracts/interfaces/IPermitRegistry.sol";
import {PermitUse} from "../../../contracts/interfaces/IPermitUse.sol";
import {Test} from "../support/Test.sol";
import {PermitFixture} from "./PermitFixture.sol";

/// @dev Does random steps as registry and agency, keeps a plain account of its own, and counts what went through.
contract PermitHandler is Test {
    uint16 private constant ITEMS = 4;
    uint64 private constant CASES = 3;

    PermitRegistry private immutable PERMITS;
    address private immutable REGISTRY;
    address private immutable OFFICER;
    bytes32 public immutable ROOT;
    bytes32 private immutable TERMS;

    bytes32 public live;
    uint96 public authorised;
    uint256 public constant STEPS = 6;
    uint256[6] public done;

    constructor(
        PermitRegistry permits,
        address registry,
        address officer,
        bytes32 permit,
        bytes32 terms,
        uint96 quantity
    ) {
        (PERMITS, REGISTRY, OFFICER, ROOT, TERMS) = (permits, registry, officer, permit, terms);
        (live, authorised) = (permit, quantity);
    }

    function reserve(uint256 seed, uint96 quantity) external {
        quantity = uint96(bound(quantity, 1, authorised / 4));
        vm.prank(REGISTRY);
        try PERMITS.reserve(caseOf(seed), 1, use(seed, quantity), time40()) {
            ++done[0];
        } catch {}
    }

    function writeOff(uint256 seed, uint96 quantity) external {
        (UseState state, uint96 held, ) = PERMITS.useOf(ROOT, 0, caseOf(seed), itemOf(seed), 1);
        if (state == UseState.RESERVED) quantity = uint96(bound(quantity, 1, held));
        vm.prank(REGISTRY);
        try PERMITS.writeOff(caseOf(seed), 1, use(seed, quantity)) {
            ++done[1];
        } catch {}
    }

    function unreserve(uint256 seed) external {
        vm.prank(REGISTRY);
        try PERMITS.unreserve(caseOf(seed), 1, use(seed, 1)) {
            ++done[2];
        } catch {}
    }

    function restore(uint256 seed) external {
        vm.prank(REGISTRY);
        try PERMITS.restore(caseOf(seed), 1, use(seed, 1)) {
            ++done[3];
        } catch {}
    }

    function suspendOrReinstate(uint256 seed) external {
        uint32 version = PERMITS.permitHead(live).version;
        bool active = PERMITS.permitHead(live).state == PermitState.ACTIVE;
        if (active && seed % 4 != 0) return; // mostly usable, or nothing else would happen
        vm.prank(OFFICER);
        if (active) PERMITS.suspend(live, version, 105, 0);
        else PERMITS.reinstate(live, version, 109, 0);
        ++done[4];
    }

    function replace(uint256 seed, uint96 quantity) external {
        PermitLine[] memory lines = new PermitLine[](1);
        quantity = uint96(bound(quantity, 1, 10_000));
        lines[0] = PermitLine(TERMS, quantity);
        uint32 version = PERMITS.permitHead(live).version;
        vm.prank(OFFICER);
        try PERMITS.replace(bytes32(seed), live, version, 1, type(uint40).max, lines, 107, 0) returns (bytes32 next) {
            live = next;
            authorised = quantity;
            ++done[5];
        } catch {}
    }

    /// @notice What the uses hold reserved and wrote off, added up one by one.
    function sums() external view returns (uint256 reserved, uint256 writtenOff) {
        for (uint64 c = 0; c < CASES; ++c) {
            for (uint16 i = 0; i < ITEMS; ++i) {
                (, uint96 r, uint96 w) = PERMITS.useOf(ROOT, 0, c, i, 1);
                reserved += r;
                writtenOff += w;
            }
        }
    }

    function caseOf(uint256 seed) private pure returns (uint64) {
        return uint64(seed % CASES);
    }

    function itemOf(uint256 seed) private pure returns (uint16) {
        return uint16((seed >> 64) % ITEMS);
    }

    /// @dev Cites the live permit or, as an old declaration does, the root.
    function use(uint256 seed, uint96 quantity) private view returns (PermitUse[] memory uses) {
        uses = new PermitUse[](1);
        uses[0] = PermitUse(seed % 5 == 0 ? ROOT : live, itemOf(seed), 0, quantity, TERMS);
    }
}

/// @dev Invariant 2 of the domain guide, under reservations, write-offs, freeing, restoring, suspension and
///      replacement.
contract PermitInvariantTest is PermitFixture {
    PermitHandler private handler;

    function setUp() public {
        deployPermits();
        vm.prank(officer);
        bytes32 permit = permits.issue("invariant", PHYTO, 1, type(uint40).max, oneLine(1_000), false, EVIDENCE, 0);
        handler = new PermitHandler(permits, registry, officer, permit, TERMS, 1_000);
        targetContract(address(handler));
    }

    function invariant_lineConservesAndEqualsItsUses() public view {
        (, uint96 available, uint96 reserved, uint96 writtenOff) = permits.lineOf(handler.live(), 0);
        assertEq(
            uint256(available) + reserved + writtenOff,
            handler.authorised(),
            "available + reserved + written off"
        );
        (uint256 held, uint256 used) = handler.sums();
        assertEq(reserved, held, "reserved = sum over uses");
        assertEq(writtenOff, used, "written off = sum over uses");
    }

    function invariant_rootAndLiveShareOneLine() public view {
        (, uint96 a, uint96 r, uint96 w) = permits.lineOf(handler.ROOT(), 0);
        (, uint96 a2, uint96 r2, uint96 w2) = permits.lineOf(handler.live(), 0);
        assertTrue(a == a2 && r == r2 && w == w2, "one line under both numbers");
    }

    /// @dev An idle campaign would prove nothing: the steps that a short fixed script does must all be counted.
    function test_handler_everyStepGoesThrough() public {
        for (uint256 seed = 1; seed < 120; ++seed) {
            uint256 spread = uint256(keccak256(abi.encode(seed)));
            handler.reserve(spread, uint96(seed * 7));
            if (seed % 2 == 0) handler.writeOff(spread, uint96(seed));
            if (seed % 3 == 0) handler.unreserve(spread);
            if (seed % 5 == 0) handler.restore(spread);
            if (seed % 7 == 0) handler.suspendOrReinstate(spread);
            if (seed % 11 == 0) handler.replace(spread, uint96(seed * 100));
            invariant_lineConservesAndEqualsItsUses();
        }
        for (uint256 i = 0; i < handler.STEPS(); ++i) {
            assertTrue(handler.done(i) > 0, "a step never went through");
        }
    }
}
