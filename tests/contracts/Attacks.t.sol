// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {ActForwarder} from "../../contracts/ActForwarder.sol";
import {DebtLedger} from "../../contracts/DebtLedger.sol";
import {IActForwarder, SignedAct} from "../../contracts/interfaces/IActForwarder.sol";
import {IDebtGuarantees, SecurityType} from "../../contracts/interfaces/IDebtGuarantees.sol";
import {IDebtLedger} from "../../contracts/interfaces/IDebtLedger.sol";
import {DebtReasons} from "../../contracts/types/DebtReasons.sol";
import {DocumentStatus} from "../../contracts/types/Document.sol";
import {Reasons} from "../../contracts/types/Reasons.sol";
import {Roles} from "../../contracts/types/Roles.sol";
import {DebtFixture} from "./debt/DebtFixture.sol";

/// @notice A token that says "no" instead of reverting.
contract SilentToken is ERC20 {
    constructor() ERC20("Silent", "SIL") {}

    function decimals() public pure override returns (uint8) {
        return 2;
    }

    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return false;
    }
}

/// @dev What a member of the network, with a key of its own and eyes on everybody's transactions, may try.
contract AttacksTest is DebtFixture {
    bytes32 private constant REQUEST = keccak256("seen in the pool");
    bytes32 private constant RECORD = keccak256("a record");
    string private constant PAY =
        "Pay(address actor,bytes32 requestId,uint64 caseId,uint128 amount,uint256 nonce,uint40 deadline,uint32 gas)";

    uint64 private member;
    address private attacker;

    function setUp() public {
        deployDebts();
        setAccounts();
        member = admit(ALL_ROLES, 0);
        attacker = giveKey(member, "attacker", Roles.DECLARANT | Roles.GUARANTOR | Roles.ISSUER | Roles.OGA);
        mint(attacker, 1_000_000);
        approve(attacker);
        openAssessed();
        governanceNamesPay(forwarder);
    }

    function governanceNamesPay(ActForwarder carrier) private {
        (bytes4[] memory selectors, string[] memory types, bytes[] memory layouts) = payType();
        vm.prank(address(governance));
        carrier.setActTypes(address(debts), selectors, types, layouts);
    }

    function payType() private view returns (bytes4[] memory selectors, string[] memory types, bytes[] memory layouts) {
        (selectors, types, layouts) = (new bytes4[](1), new string[](1), new bytes[](1));
        (selectors[0], types[0], layouts[0]) = (debts.pay.selector, PAY, hex"000000");
    }

    function signedPayment(uint128 amount) private view returns (SignedAct memory act) {
        bytes memory data = abi.encodeCall(debts.pay, (REQUEST, CASE, amount));
        act = SignedAct(address(debts), trader, 1, time40() + 60, 400_000, data, "");
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(traderSecret, forwarder.actId(act));
        act.signature = abi.encodePacked(r, s, v);
    }

    // ----- front-running of ids

    /// @dev A request id is taken under the participant that gives it, so another's copy takes nothing away.
    function test_requestIds_cannotBeTakenByOthers() public {
        vm.startPrank(attacker);
        debts.pay(REQUEST, CASE, 1);
        debts.depositPrepaid(bytes32("deposit"), importer, 1);
        debts.offerGuarantee(REQUEST, importer, SecurityType.BANK_GUARANTEE, 0, 1, FOREVER, 0, EVIDENCE);
        authorisations.applyForAeo(REQUEST, EVIDENCE);
        documents.grantAccess(REQUEST);
        vm.stopPrank();
        vm.startPrank(trader);
        debts.pay(REQUEST, CASE, 100);
        debts.depositPrepaid(bytes32("deposit"), importer, 100);
        authorisations.applyForAeo(REQUEST, EVIDENCE);
        documents.grantAccess(REQUEST);
        vm.stopPrank();
        vm.prank(bankKey);
        debts.offerGuarantee(REQUEST, importer, SecurityType.BANK_GUARANTEE, 0, 500, FOREVER, 0, EVIDENCE);
        assertEq(debts.caseOf(CASE).paid, 101, "both payments count");
        assertEq(debts.guaranteeOf(keccak256(abi.encode(bank, REQUEST))).pending, 500, "the bank's own offer");
        assertTrue(documents.isGranted(importer, REQUEST), "the trader's own grant");
    }

    /// @dev Sequence numbers and record ids are an issuer's own: another issuer's words about them are about nothing.
    function test_documents_areTheirIssuersAlone() public {
        address issuerKey = giveKey(importer, "issuer", Roles.ISSUER);
        uint256 head = (uint256(1) << 56) | 1;
        vm.startPrank(attacker);
        documents.anchor(head, RECORD, "manifest");
        documents.revoke(member, RECORD, 0, Reasons.FRAUD, EVIDENCE);
        vm.stopPrank();
        vm.prank(issuerKey);
        documents.anchor(head, RECORD, "manifest");
        (DocumentStatus state, , uint32 version) = documents.status(importer, RECORD);
        assertTrue(state == DocumentStatus.ACTIVE && version == 0, "the record of its own issuer stands");
    }

    /// @dev Whoever carries a signed act first has carried the signer's act; the second carrier finds it done.
    function test_carriedFirstBySomebodyElse_isTheSignersActOnce() public {
        SignedAct memory act = signedPayment(100);
        vm.prank(attacker);
        assertTrue(forwarder.execute(act), "carried");
        assertEq(token.balanceOf(trader), 1_000_000 - 100, "the signer paid");
        vm.prank(bankKey);
        vm.expectRevert(abi.encodeWithSelector(IActForwarder.NonceSpent.selector, trader, 1));
        forwarder.execute(act);
        assertEq(debts.caseOf(CASE).paid, 100, "once");
    }

    // ----- forged forwarders

    /// @dev The signature would hold at any forwarder, since the domain is the target's: the target believes one only.
    function test_forgedForwarder_isNotBelieved() public {
        AccessManager own = new AccessManager(attacker);
        ActForwarder forged = new ActForwarder(address(own));
        (bytes4[] memory selectors, string[] memory types, bytes[] memory layouts) = payType();
        vm.prank(attacker);
        forged.setActTypes(address(debts), selectors, types, layouts);
        SignedAct memory act = signedPayment(100);
        assertEq(forged.actId(act), forwarder.actId(act), "the same digest");
        vm.prank(trader);
        token.approve(address(forged), 1_000);
        assertFalse(forged.execute(act), "the ledger sees the forged forwarder itself, which has no key");
        assertEq(token.balanceOf(trader), 1_000_000, "nothing moved");
        assertFalse(forwarder.isSpent(trader, 1), "the nonce is the real forwarder's");
        assertTrue(forwarder.execute(act), "and the act still counts there");
    }

    // ----- hostile tokens

    function test_token_thatAnswersNo_isRefused() public {
        SilentToken silent = new SilentToken();
        DebtLedger ledger = deployLedger(address(silent));
        vm.prank(registry);
        ledger.openCase(CASE, 1, importer, OFFICE);
        vm.prank(revenue);
        ledger.assess(CASE, 1, 1, charges(DUTY, VAT), DebtReasons.FIRST_ASSESSMENT, EVIDENCE);
        vm.prank(trader);
        silent.approve(address(ledger), 100);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(silent)));
        ledger.pay(REQUEST, CASE, 100);
        assertEq(ledger.caseOf(CASE).paid, 0, "nothing credited");
    }

    // ----- tiny deposits and full queues

    /// @dev Payments move no version, so that no number of them spoils an officer's act on its way.
    function testFuzz_tinyPayments_spoilNothing(uint8 count) public {
        uint32 expected = debts.caseOf(CASE).version;
        uint256 times = bound(count, 1, 40);
        vm.startPrank(attacker);
        for (uint256 i = 0; i < times; ++i) {
            debts.pay(bytes32(i + 1), CASE, 1);
            debts.depositPrepaid(bytes32(1_000 + i), importer, 1);
        }
        vm.stopPrank();
        vm.prank(revenue);
        debts.assess(CASE, 1, expected, charges(DUTY + 1, VAT), DebtReasons.CLERICAL_ERROR, EVIDENCE);
        pay(trader, CASE, uint128(DUE + 1 - times));
        settle(CASE);
        assertEq(debts.caseOf(CASE).paid, DUE + 1, "every unit counts, no one too many");
    }

    /// @dev Offers of strangers stand beside each other; no list of them is ever walked, and none is taken up unasked.
    function test_offersOfStrangers_fillNothing() public {
        vm.startPrank(attacker);
        for (uint256 i = 0; i < 64; ++i) {
            debts.offerGuarantee(bytes32(i), importer, SecurityType.BANK_GUARANTEE, 0, 1, FOREVER, 0, EVIDENCE);
        }
        vm.stopPrank();
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE);
        vm.prank(attacker);
        vm.expectRevert(abi.encodeWithSelector(IDebtGuarantees.NotGuarantor.selector, guarantee, bank, member));
        debts.topUpGuarantee("top", guarantee, 1, EVIDENCE);
        secure(guarantee, DUE);
        assertEq(debts.reservedFor(guarantee, CASE), DUE, "secured as if nobody else were there");
    }

    /// @dev A participant's list of anchoring keys is filled by itself alone, and full it still is reached whole.
    function test_fullListOfAnchoringKeys_isStillSuspended() public {
        uint256 room = participants.MAX_ANCHORING_KEYS() - participants.anchoringKeys(member).length;
        address[] memory keys = new address[](room);
        for (uint256 i = 0; i < room; ++i) {
            keys[i] = giveKey(member, string.concat("key ", string(abi.encodePacked(uint8(65 + i)))), Roles.ISSUER);
        }
        uint32 version = participants.participantOf(member).version;
        vm.prank(address(governance));
        participants.suspend(member, version, Reasons.COMPLIANCE, EVIDENCE);
        for (uint256 i = 0; i < room; ++i) {
            assertEq(participants.authorityAt(keys[i], time40()).roles, 0, "none may act");
        }
    }

    /// @dev A payment on its way that finds one unit less owed is not refused: the rest is the debtor's again.
    function test_paymentOutrunByDust_isNotRefused() public {
        SignedAct memory act = signedPayment(DUE);
        vm.prank(attacker);
        debts.pay("dust", CASE, 1);
        assertTrue(forwarder.execute(act), "it counts");
        assertEq(debts.prepaidOf(importer), 1, "the excess is the debtor's");
        vm.prank(attacker);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.NothingOwed.selector, CASE));
        debts.pay("more dust", CASE, 1);
    }
}
