// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IActForwarder, SignedAct} from "../../contracts/interfaces/IActForwarder.sol";
import {IAuthoritySource} from "../../contracts/interfaces/IAuthoritySource.sol";
import {DocumentStatus} from "../../contracts/types/Document.sol";
import {WrongVersion} from "../../contracts/types/Errors.sol";
import {Reasons} from "../../contracts/types/Reasons.sol";
import {Roles} from "../../contracts/types/Roles.sol";
import {CurtWallet, EveryShape, HostileWallet, Pair, Wallet} from "./support/ActTargets.sol";
import {Ledger} from "./support/Ledger.sol";

/// @dev An act counts once, only as its actor signed it, and whoever carries it gains nothing.
contract ActForwarderTest is Ledger {
    bytes32 internal constant DOMAIN = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    string internal constant PAIR = "Pair(uint64 left,bytes32 right)";
    string internal constant SUBMIT =
        "Submit(address actor,uint8 kind,bytes content,string note,uint16[] codes,Pair[] pairs,Pair last,"
        "bytes2 country,uint256 nonce,uint40 deadline,uint32 gas)Pair(uint64 left,bytes32 right)";
    string internal constant NEEDS = "Needs(address actor,uint256 needed,uint256 nonce,uint40 deadline,uint32 gas)";
    string internal constant DECLINE = "Decline(address actor,uint256 why,uint256 nonce,uint40 deadline,uint32 gas)";
    string internal constant BURN = "Burn(address actor,uint256 seed,uint256 nonce,uint40 deadline,uint32 gas)";
    string internal constant REENTER = "Reenter(address actor,uint256 tag,uint256 nonce,uint40 deadline,uint32 gas)";
    string internal constant REVOKE =
        "Revoke(address actor,uint64 issuer,bytes32 recordId,uint32 expectedVersion,"
        "uint16 reason,bytes32 evidence,uint256 nonce,uint40 deadline,uint32 gas)";

    EveryShape internal target;
    address internal actor;
    uint256 internal secret;

    function setUp() public {
        deployCore();
        (actor, secret) = makeKey("actor");
        target = new EveryShape(address(forwarder));
        bytes32 pair = keccak256(bytes(PAIR));
        bytes memory submit = abi.encodePacked(hex"0002020103", pair, uint8(2), hex"04", pair, uint8(2), hex"00");
        allow(address(target), target.submit.selector, SUBMIT, submit);
        allow(address(target), target.needs.selector, NEEDS, hex"00");
        allow(address(target), target.decline.selector, DECLINE, hex"00");
        allow(address(target), target.burn.selector, BURN, hex"00");
        allow(address(target), target.reenter.selector, REENTER, hex"00");
        allow(address(documents), documents.revoke.selector, REVOKE, hex"0000000000");
    }

    function allow(address target_, bytes4 selector, string memory typeString, bytes memory shape) internal {
        (bytes4[] memory s, string[] memory t, bytes[] memory l) = types(selector, typeString, shape);
        decide(address(forwarder), abi.encodeCall(forwarder.setActTypes, (target_, s, t, l)));
    }

    function types(
        bytes4 selector,
        string memory typeString,
        bytes memory shape
    ) internal pure returns (bytes4[] memory s, string[] memory t, bytes[] memory l) {
        (s, t, l) = (new bytes4[](1), new string[](1), new bytes[](1));
        (s[0], t[0], l[0]) = (selector, typeString, shape);
    }

    /// @dev Digest by the standard, from what a wallet would have: type, encoded parameters and the fields beside them.
    function digest(
        string memory typeString,
        bytes memory parameters,
        SignedAct memory act
    ) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(DOMAIN, keccak256(bytes("Tamga")), keccak256(bytes("1")), block.chainid, act.target)
        );
        bytes32 structHash = keccak256(
            bytes.concat(
                keccak256(bytes(typeString)),
                bytes32(uint256(uint160(act.actor))),
                parameters,
                abi.encode(act.nonce, act.deadline, act.gas)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function sign(SignedAct memory act, bytes32 id) internal view returns (SignedAct memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secret, id);
        act.signature = abi.encodePacked(r, s, v);
        return act;
    }

    /// @dev An act of one uint256, signed.
    function simple(
        string memory typeString,
        bytes4 selector,
        uint256 value,
        uint256 nonce,
        uint32 gas_
    ) internal view returns (SignedAct memory act) {
        act = SignedAct(
            address(target),
            actor,
            nonce,
            uint40(block.timestamp + 60),
            gas_,
            abi.encodeWithSelector(selector, value),
            ""
        );
        return sign(act, digest(typeString, abi.encode(value), act));
    }

    function needs(uint256 nonce) internal view returns (SignedAct memory) {
        return simple(NEEDS, target.needs.selector, 0, nonce, 200_000);
    }

    // ----- carrying

    function test_execute_actsAsTheSigner() public {
        SignedAct memory act = needs(7);
        bytes32 id = forwarder.actId(act);
        assertEq(id, digest(NEEDS, abi.encode(uint256(0)), act), "id is the digest");
        vm.expectEmit(address(forwarder));
        emit IActForwarder.ActExecuted(id, actor, address(target), target.needs.selector, 7);
        assertTrue(forwarder.execute(act), "executed");
        assertEq(target.lastActor(), actor, "actor");
        assertTrue(forwarder.isSpent(actor, 7), "spent");
        assertFalse(forwarder.isSpent(actor, 6), "no other nonce");
        assertFalse(forwarder.isSpent(address(this), 7), "nor the relayer's");
    }

    function test_execute_onceOnly() public {
        SignedAct memory act = needs(7);
        forwarder.execute(act);
        vm.expectRevert(abi.encodeWithSelector(IActForwarder.NonceSpent.selector, actor, 7));
        forwarder.execute(act);
        forwarder.execute(needs(6)); // unordered
        forwarder.execute(needs(type(uint256).max));
        assertEq(target.count(), 3, "three acts");
    }

    function test_execute_refusalSpendsTheNonce() public {
        SignedAct memory act = simple(DECLINE, target.decline.selector, 42, 1, 100_000);
        vm.expectEmit(address(forwarder));
        emit IActForwarder.ActRefused(
            forwarder.actId(act),
            actor,
            address(target),
            target.decline.selector,
            1,
            abi.encodeWithSelector(EveryShape.Declined.selector, 42)
        );
        assertFalse(forwarder.execute(act), "refused");
        vm.expectRevert(abi.encodeWithSelector(IActForwarder.NonceSpent.selector, actor, 1));
        forwarder.execute(act);
    }

    function test_execute_deadlineIsInclusive() public {
        SignedAct memory act = needs(1);
        vm.warp(act.deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IActForwarder.Expired.selector, act.deadline, act.deadline + 1));
        forwarder.execute(act);
        vm.warp(act.deadline);
        assertTrue(forwarder.execute(act), "last second");
    }

    function test_execute_refusesWhatWasNotSigned() public {
        SignedAct memory act = needs(1);
        act.nonce = 2;
        expectBadSignature(act);
        act = needs(1);
        act.gas += 1;
        expectBadSignature(act);
        act = needs(1);
        act.deadline += 1;
        expectBadSignature(act);
        act = needs(1);
        act.actor = address(0xBEEF);
        expectBadSignature(act);
        act = needs(1);
        act.data = abi.encodeWithSelector(target.needs.selector, 1);
        expectBadSignature(act);
        act = needs(1);
        vm.chainId(block.chainid + 1);
        expectBadSignature(act);
    }

    function expectBadSignature(SignedAct memory act) internal {
        bytes32 id = forwarder.actId(act);
        vm.expectRevert(abi.encodeWithSelector(IActForwarder.BadSignature.selector, act.actor, id));
        forwarder.execute(act);
        assertFalse(forwarder.isSpent(act.actor, act.nonce), "nothing spent");
    }

    function test_execute_refusesMalleableSignatures() public {
        SignedAct memory act = needs(1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secret, forwarder.actId(act));
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        act.signature = abi.encodePacked(r, bytes32(order - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        expectBadSignature(act); // high s
        act.signature = abi.encodePacked(r, s, v - 27);
        expectBadSignature(act); // v of another convention
        act.signature = abi.encodePacked(r, s);
        expectBadSignature(act); // too short
        act.signature = abi.encodePacked(r, s, v, uint8(0));
        expectBadSignature(act); // too long
    }

    function test_execute_refusesUnknownActs() public {
        SignedAct memory act = needs(1);
        act.data = abi.encodeWithSelector(target.keepInner.selector, 0);
        vm.expectRevert(unknown(address(target), target.keepInner.selector));
        forwarder.execute(act);
        act = needs(1);
        act.target = address(documents);
        vm.expectRevert(unknown(address(documents), target.needs.selector));
        forwarder.execute(act);
        act.data = hex"1234";
        vm.expectRevert(unknown(address(documents), bytes4(hex"1234")));
        forwarder.execute(act);
    }

    // ----- gas

    function test_execute_relayerCannotStarveAnAct() public {
        SignedAct memory act = simple(NEEDS, target.needs.selector, 180_000, 1, 200_000);
        for (uint256 offered = 60_000; offered <= 330_000; offered += 5_000) {
            (bool carried, bytes memory answer) = address(forwarder).call{gas: offered}(
                abi.encodeCall(forwarder.execute, (act))
            );
            if (!carried) {
                assertFalse(forwarder.isSpent(actor, 1), "not carried, nothing spent");
                continue;
            }
            assertTrue(abi.decode(answer, (bool)), "carried: with the gas that was signed");
            return;
        }
        assertTrue(false, "never carried");
    }

    function test_execute_tellsTooLittleGas() public {
        SignedAct memory act = simple(NEEDS, target.needs.selector, 0, 1, 5_000_000);
        (bool carried, bytes memory reason) = address(forwarder).call{gas: 1_000_000}(
            abi.encodeCall(forwarder.execute, (act))
        );
        assertFalse(carried, "not carried");
        assertEq(bytes32(bytes4(reason)), bytes32(IActForwarder.NotEnoughGas.selector), "said so");
    }

    function test_execute_actThatUsesUpItsGasIsRefused() public {
        assertFalse(forwarder.execute(simple(BURN, target.burn.selector, 1, 1, 100_000)), "refused");
        assertTrue(forwarder.isSpent(actor, 1), "spent");
    }

    // ----- wallets

    function test_execute_contractWallet() public {
        Wallet wallet = new Wallet(actor);
        SignedAct memory act = needs(1);
        act.actor = address(wallet);
        act = sign(act, digest(NEEDS, abi.encode(uint256(0)), act));
        assertTrue(forwarder.execute(act), "executed");
        assertEq(target.lastActor(), address(wallet), "in the wallet's name");
        (, uint256 other) = makeKey("other");
        act.nonce = 2;
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(other, forwarder.actId(act));
        act.signature = abi.encodePacked(r, s, v);
        expectBadSignature(act);
    }

    // ----- batches

    function test_executeBatch_oneNeverSpoilsTheOthers() public {
        SignedAct[] memory acts = new SignedAct[](7);
        acts[0] = needs(1);
        acts[1] = simple(DECLINE, target.decline.selector, 9, 2, 100_000); // refused
        acts[2] = needs(1); // nonce spent by the first
        acts[3] = needs(3);
        acts[3].actor = address(new HostileWallet()); // never ends
        acts[4] = simple(BURN, target.burn.selector, 1, 4, 100_000); // uses up its gas
        acts[5] = needs(5);
        acts[5].data = hex"00"; // no act
        acts[6] = needs(6);
        bool[] memory executed = forwarder.executeBatch(acts);
        bool[7] memory expected = [true, false, false, false, false, false, true];
        for (uint256 i = 0; i < 7; ++i) {
            assertTrue(executed[i] == expected[i], "each for itself");
        }
        assertEq(target.count(), 2, "two took effect");
        assertTrue(forwarder.isSpent(actor, 2), "a refusal is spent");
        assertFalse(forwarder.isSpent(actor, 5), "what is no act is not");
    }

    function test_executeBatch_hostileWalletCannotBurnIt() public {
        SignedAct[] memory acts = new SignedAct[](2);
        acts[0] = needs(1);
        acts[0].actor = address(new HostileWallet());
        acts[1] = needs(2);
        bool[] memory executed = forwarder.executeBatch{gas: 1_000_000}(acts);
        assertTrue(!executed[0] && executed[1], "the other has its gas");
    }

    // ----- re-entrancy

    function test_execute_fromWithinAnActIsJustAnotherAct() public {
        (address other, uint256 otherSecret) = makeKey("other");
        SignedAct memory inner = needs(1);
        inner.actor = other;
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(otherSecret, forwarder.actId(inner));
        inner.signature = abi.encodePacked(r, s, v);
        target.keepInner(inner);
        assertTrue(forwarder.execute(simple(REENTER, target.reenter.selector, 1, 1, 600_000)), "both");
        assertEq(target.count(), 2, "outer and inner");
        assertEq(target.lastActor(), other, "the inner acted as its own signer");

        SignedAct memory outer = simple(REENTER, target.reenter.selector, 1, 2, 600_000);
        target.keepInner(outer); // an act that carries itself finds its nonce spent
        assertFalse(forwarder.execute(outer), "refused");
        assertEq(target.count(), 2, "no effect");
    }

    // ----- every shape of parameter

    function submitParameters(
        bytes memory content,
        uint16[] memory codes,
        Pair[] memory pairs
    ) internal pure returns (bytes memory) {
        bytes32 pair = keccak256(bytes(PAIR));
        bytes memory words;
        for (uint256 i = 0; i < codes.length; ++i) {
            words = bytes.concat(words, bytes32(uint256(codes[i])));
        }
        bytes memory hashes;
        for (uint256 i = 0; i < pairs.length; ++i) {
            hashes = bytes.concat(hashes, keccak256(abi.encode(pair, pairs[i].left, pairs[i].right)));
        }
        return
            bytes.concat(
                abi.encode(uint8(3), keccak256(content), keccak256("note"), keccak256(words), keccak256(hashes)),
                abi.encode(keccak256(abi.encode(pair, uint64(5), bytes32("last"))), bytes2("UZ"))
            );
    }

    function testFuzz_execute_everyShape(bytes memory content, uint16[] memory codes, bytes32[] memory rights) public {
        Pair[] memory pairs = new Pair[](rights.length);
        for (uint256 i = 0; i < rights.length; ++i) {
            pairs[i] = Pair(uint64(i), rights[i]);
        }
        SignedAct memory act = SignedAct(
            address(target),
            actor,
            1,
            uint40(block.timestamp),
            3_000_000,
            abi.encodeCall(target.submit, (3, content, "note", codes, pairs, Pair(5, "last"), "UZ")),
            ""
        );
        bytes32 id = digest(SUBMIT, submitParameters(content, codes, pairs), act);
        assertEq(forwarder.actId(act), id, "digest");
        assertTrue(forwarder.execute(sign(act, id)), "executed");
        assertEq(
            target.lastArguments(),
            keccak256(abi.encode(uint8(3), content, "note", codes, pairs, Pair(5, "last"), bytes2("UZ"))),
            "what was signed is what was done"
        );
    }

    /// @dev However the calldata is bent, either it is refused or what is done has the digest that was signed.
    function testFuzz_execute_bentCalldata(uint16 place, bytes32 word) public {
        uint16[] memory codes = new uint16[](2);
        (codes[0], codes[1]) = (11, 12);
        Pair[] memory pairs = new Pair[](1);
        pairs[0] = Pair(1, "right");
        bytes memory content = hex"c0ffee";
        bytes memory data = abi.encodeCall(target.submit, (3, content, "note", codes, pairs, Pair(5, "last"), "UZ"));
        SignedAct memory act = SignedAct(address(target), actor, 1, uint40(block.timestamp), 3_000_000, data, "");
        bytes32 id = digest(SUBMIT, submitParameters(content, codes, pairs), act);
        bytes32 done = keccak256(abi.encode(uint8(3), content, "note", codes, pairs, Pair(5, "last"), bytes2("UZ")));

        uint256 offset = 4 + 32 * bound(place, 0, (data.length - 4) / 32 - 1);
        uint256 value = uint256(word) % 5 == 0 ? uint256(word) : uint256(word) % (data.length + 64);
        for (uint256 i = 0; i < 32; ++i) {
            act.data[offset + i] = bytes32(value)[i];
        }
        try forwarder.execute(sign(act, id)) returns (bool executed) {
            if (executed) assertEq(target.lastArguments(), done, "only what was signed");
        } catch {
            assertEq(target.count(), 0, "nothing done");
        }
    }

    function test_actId_refusesCalldataThatEndsEarly() public {
        SignedAct memory act = needs(1);
        act.data = abi.encodePacked(target.needs.selector, uint128(1));
        vm.expectRevert(abi.encodeWithSelector(IActForwarder.BadLayout.selector, target.needs.selector));
        forwarder.actId(act);
        // The offset of `content`, then its length, point beyond the end.
        uint256[2] memory offsets = [type(uint256).max, uint256(256)];
        for (uint256 i = 0; i < offsets.length; ++i) {
            bytes memory head = abi.encode(uint256(3), offsets[i], 0, 0, 0, 0, 0, 0);
            act.data = abi.encodePacked(target.submit.selector, head, type(uint256).max);
            vm.expectRevert(abi.encodeWithSelector(IActForwarder.BadLayout.selector, target.submit.selector));
            forwarder.actId(act);
        }
    }

    // ----- act types

    function test_setActTypes_isGovernancesAlone() public {
        (bytes4[] memory s, string[] memory t, bytes[] memory l) = types(target.burn.selector, BURN, hex"00");
        vm.prank(actor);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, actor));
        forwarder.setActTypes(address(target), s, t, l);
    }

    function test_setActTypes_refusals() public {
        vm.startPrank(address(governance));
        (bytes4[] memory s, string[] memory t, bytes[] memory l) = types("burn", BURN, hex"00");
        vm.expectRevert(unknown(address(forwarder), 0));
        forwarder.setActTypes(address(forwarder), s, t, l);
        vm.expectRevert(unknown(actor, 0));
        forwarder.setActTypes(actor, s, t, l);
        bytes memory cut = abi.encodePacked(uint8(3), bytes31(keccak256("cut")));
        bytes memory memberless = abi.encodePacked(uint8(4), keccak256("memberless"), uint8(0));
        bytes[3] memory bad = [bytes(hex"05"), cut, memberless];
        for (uint256 i = 0; i < bad.length; ++i) {
            l[0] = bad[i];
            vm.expectRevert(abi.encodeWithSelector(IActForwarder.BadLayout.selector, bytes4("burn")));
            forwarder.setActTypes(address(target), s, t, l);
        }
        (l[0], t[0]) = (bytes(hex"00"), "");
        vm.expectRevert(abi.encodeWithSelector(IActForwarder.BadLayout.selector, bytes4("burn")));
        forwarder.setActTypes(address(target), s, t, l);
        t[0] = BURN;
        vm.expectEmit(address(forwarder));
        emit IActForwarder.ActTypeSet(address(target), "burn", BURN, hex"00");
        forwarder.setActTypes(address(target), s, t, l);
        vm.stopPrank();
    }

    // ----- a registry behind it

    function test_registry_takesTheActorOnlyFromTheForwarder() public {
        uint64 issuer = admit(ALL_ROLES, 0);
        giveKey(issuer, "actor", Roles.ISSUER);
        bytes memory data = abi.encodeCall(documents.revoke, (issuer, "record", 0, Reasons.FRAUD, 0));
        // Anyone can append an address; only the forwarder is believed.
        (bool ok, bytes memory reason) = address(documents).call(abi.encodePacked(data, actor));
        assertFalse(ok, "refused");
        assertEq(bytes32(bytes4(reason)), bytes32(IAuthoritySource.NotAuthorised.selector), "not the actor");

        SignedAct memory act = SignedAct(address(documents), actor, 1, uint40(block.timestamp), 200_000, data, "");
        bytes memory parameters = abi.encode(issuer, bytes32("record"), 0, Reasons.FRAUD, 0);
        act = sign(act, digest(REVOKE, parameters, act));
        assertTrue(forwarder.execute(act), "relayed");
        (DocumentStatus state, , ) = documents.status(issuer, "record");
        assertEq(uint256(state), uint256(DocumentStatus.REVOKED), "done");

        act.nonce = 2; // the same act signed again: the registry says what it found
        act = sign(act, digest(REVOKE, parameters, act));
        vm.expectEmit(address(forwarder));
        emit IActForwarder.ActRefused(
            forwarder.actId(act),
            actor,
            address(documents),
            documents.revoke.selector,
            2,
            abi.encodeWithSelector(WrongVersion.selector, 0, 1)
        );
        assertFalse(forwarder.execute(act), "refused");
    }

    function unknown(address target_, bytes4 selector) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IActForwarder.UnknownAct.selector, target_, selector);
    }

    /// @dev Fewer than four bytes are no selector, even if padding makes them look like one that is known.
    function test_actId_refusesHalfASelector() public {
        allow(address(target), 0x12345600, BURN, hex"");
        SignedAct memory act = needs(1);
        act.data = hex"123456";
        vm.expectRevert(unknown(address(target), 0x12345600));
        forwarder.actId(act);
        act.data = hex"12345600";
        assertTrue(forwarder.actId(act) != 0, "the whole of it is");
    }

    function test_execute_walletThatAnswersInShortIsNotBelieved() public {
        SignedAct memory act = needs(1);
        act.actor = address(new CurtWallet());
        expectBadSignature(act);
    }
}
