// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthorisationSource} from "../interfaces/IAuthorisationSource.sol";
import {IAuthoritySource} from "../interfaces/IAuthoritySource.sol";
import {IDebtCases} from "../interfaces/IDebtCases.sol";
import {IDeclarationRegistry} from "../interfaces/IDeclarationRegistry.sol";
import {IPermitUse} from "../interfaces/IPermitUse.sol";
import {IRuleSource} from "../interfaces/IRuleSource.sol";
import {
    AgencyDecision,
    ControlKind,
    ControlState,
    DeclarationAct,
    DeclarationStatus,
    DeclarationVersion,
    ItemOutcome,
    OpenRequest,
    Refusal,
    Representation
} from "../types/Declaration.sol";
import {DeclarationTransitions} from "./DeclarationTransitions.sol";

/// @notice The registries that a declaration registry asks and tells, and the country of its MRNs.
struct Sources {
    IAuthoritySource participants;
    IRuleSource rules;
    IAuthorisationSource authorisations;
    IPermitUse permits;
    IDebtCases debts;
    bytes2 country;
}

/// @notice What every act on an existing case carries.
/// @param selector Function of the registry that was called: names the act of a fallback entry.
struct Act {
    address actor;
    bytes4 selector;
    uint64 caseId;
    uint32 expectedVersion;
    uint16 reason;
    bytes32 evidence;
}

/// @notice An item without checks, permit uses and outcome is a zero word and costs nothing.
/// @param conditional Set while SEIZED after a conditional release: its permits stay written off, and the lifting of
///        the seizure gives that outcome back.
/// @param answers Mark of its last seizure, if that answered a finding: see {Case.findingAnswer}.
struct Item {
    ItemOutcome outcome;
    bool courtHold;
    bool conditional;
    uint8 checks;
    uint8 uses;
    uint16 enteredVersion;
    uint32 permitVersion;
    uint8 answers;
}

/// @notice One check, one word.
struct StoredCheck {
    uint64 agency;
    uint16 checkCode;
    AgencyDecision decision;
    uint16 version;
    uint40 validUntil;
}

/// @notice A reserved permit use without its terms, which were opened when it was reserved.
struct StoredUse {
    bytes32 permit;
    uint96 quantity;
    uint8 line;
}

/// @notice A declaration, packed by what changes together.
/// @param findingAnswer Mark of the seizure that answers the control track's finding, which its items bear; 0: none.
struct Case {
    // main: one word
    DeclarationStatus status;
    OpenRequest request;
    uint8 facts;
    bytes1 procedure;
    uint16 version;
    uint32 revision;
    uint24 office;
    uint16 itemCount;
    uint16 entered;
    uint16 openItems;
    uint16 conditionalItems;
    uint16 deniedItems;
    uint16 pendingItems;
    uint40 acceptedAt;
    uint16 refusals;
    // parties: one word
    uint64 declarant;
    uint64 importer;
    uint64 carrier;
    uint32 ruleVersion;
    uint16 regime;
    uint16 attempt;
    // control track: one word
    ControlState control;
    ControlKind controlKind;
    bool irregularity;
    uint8 findingAnswer;
    uint32 controlRevision;
    address controlledBy;
    uint16 returnedItems;
    uint16 openAppeals;
    // instants and goods track: one word
    uint40 lodgedAt;
    uint40 arrivedAt;
    uint40 exitedAt;
    uint40 releasedAt;
    uint40 decisionsExpireAt;
    uint32 goodsRevision;
    bool needsSecurity;
    bool auditOfCleared;
    bool wasReleased;
    // rarely used
    address officer;
    uint40 permitsUntil;
    uint16 conditionalSeized;
    bytes32 proposedRecord;
    bytes32 lrn;
    bytes32 foreignAeo;
    mapping(uint16 version => DeclarationVersion) versions;
    mapping(uint16 number => Item) items;
    mapping(uint256 numberAndIndex => StoredCheck) checks;
    mapping(uint256 numberAndIndex => StoredUse) uses;
    mapping(uint256 word => uint256) pending;
    mapping(uint64 agency => uint32) agencyRevisions;
    mapping(address key => uint8) hands;
    mapping(uint16 refusal => Refusal) refused;
}

/// @notice A proposal of an act of two persons.
/// @param revision Revision of what it changes, when it was proposed: it lapses with the next.
struct Proposal {
    address by;
    bool done;
    uint32 revision;
    bytes32 digest;
}

/// @notice A fallback entry and its confirmation.
/// @param paper Record id that the act has to cite as its evidence.
struct Fallback {
    address by;
    uint64 caseId;
    bytes4 act;
    uint40 occurredAt;
    address confirmedBy;
    bytes32 paper;
}

// Most declarations that keep one record by their number: bounds the walk over them.
uint256 constant MAX_CITATIONS = 256;

/// @notice The declarations that rest on one record.
/// @param cases Those that are known by number, from the first place on; 0 ends them.
/// @param endedCase Among those that had ended and made room, the one that needs the record longest.
/// @param endedUntil Last second at which it does [unix s].
struct Citations {
    uint64[MAX_CITATIONS] cases;
    uint64 endedCase;
    uint40 endedUntil;
}

/// @notice All that a declaration registry stores.
struct Store {
    uint64 count;
    mapping(uint64 caseId => Case) cases;
    mapping(bytes32 key => uint64) requests;
    mapping(bytes32 declarantAndMac => uint64) lrns;
    mapping(bytes32 key => bool) appeals;
    mapping(bytes32 key => Proposal) proposals;
    mapping(bytes32 key => Fallback) fallbacks;
    mapping(bytes32 caseKeyActPaper => bytes32) readyFallbacks;
    mapping(bytes32 issuerAndRecord => Citations) citations;
}

/// @title DeclarationStore
/// @notice Layout of a declaration registry's storage and the small steps that its libraries share.
library DeclarationStore {
    using DeclarationTransitions for DeclarationStatus;

    /// @notice Most items of a declaration, as on the single administrative document.
    uint16 internal constant MAX_ITEMS = 999;
    /// @notice Most checks, and most permit uses, of one item: bounds what one release reads.
    uint256 internal constant MAX_PER_ITEM = 16;

    /// @notice Bits of `Case.facts`: two for the representation, then what the regime asked at acceptance.
    uint8 internal constant REPRESENTATION = 3;
    uint8 internal constant NEEDS_ARRIVAL = 4;
    uint8 internal constant NEEDS_EXIT = 8;
    uint8 internal constant NEEDS_DEBT = 16;
    /// @notice Set while the case is assigned to one officer: saves others a read.
    uint8 internal constant ASSIGNED = 32;

    /// @notice Set in the simplified procedure until the full data are lodged.
    uint8 internal constant INCOMPLETE = 64;
    /// @notice Set when benefits of a foreign operator were asked for: saves others a read.
    uint8 internal constant FOREIGN_AEO = 128;

    /// @notice Bits of `Case.hands`: duties that one key must not join.
    uint8 internal constant ROUTED = 1;
    uint8 internal constant INSPECTED = 2;
    uint8 internal constant RELEASED = 4;

    /// @dev The case, which must exist.
    function find(Store storage store, uint64 caseId) internal view returns (Case storage found) {
        found = store.cases[caseId];
        if (found.status == DeclarationStatus.NONE) revert IDeclarationRegistry.UnknownCase(caseId);
    }

    /// @dev Checks the main revision and the status, then moves both.
    function step(Case storage c, uint32 expected, DeclarationAct act) internal {
        uint32 actual = c.revision;
        if (actual != expected) revert IDeclarationRegistry.WrongVersion(expected, actual);
        c.status = c.status.next(act);
        c.revision = actual + 1;
    }

    /// @dev Checks that `act` is among those of the status; for acts that count on another track.
    function requireIn(Case storage c, DeclarationAct act) internal view {
        c.status.next(act);
    }

    /// @dev Once released, only goods on a condition are still routed: their control may have been lost with a version
    ///      that was made while they were seized.
    function requireRoutable(Case storage c) internal view {
        requireIn(c, DeclarationAct.ROUTE);
        if (c.status != DeclarationStatus.RELEASED || c.conditionalItems != 0) return;
        revert IDeclarationRegistry.NotInStatus(DeclarationAct.ROUTE, DeclarationStatus.RELEASED);
    }

    /// @dev No item is seized. Looked up one by one: a count would cost every seizure a slot of its own.
    function requireNothingSeized(Case storage c) internal view {
        uint16 denied = c.deniedItems;
        for (uint16 number = 1; denied != 0; ++number) {
            ItemOutcome outcome = c.items[number].outcome;
            if (outcome == ItemOutcome.SEIZED) revert IDeclarationRegistry.ItemHasOutcome(number, outcome);
            if (outcome == ItemOutcome.REFUSED) --denied;
        }
    }

    function requireRevision(uint32 expected, uint32 actual) internal pure {
        if (actual != expected) revert IDeclarationRegistry.WrongVersion(expected, actual);
    }

    function requireReason(uint16 reason) internal pure {
        if (reason == 0) revert IDeclarationRegistry.ReasonNeeded();
    }

    function requireEvidence(bytes32 evidence) internal pure {
        if (evidence == 0) revert IDeclarationRegistry.EvidenceNeeded();
    }

    function requireRange(uint16 from, uint16 to, uint16 limit) internal pure {
        if (from == 0 || from > to || to > limit) revert IDeclarationRegistry.BadRange(from, to, limit);
    }

    /// @dev Status and release instant after outcomes changed.
    function settle(Case storage c) internal {
        (uint16 open, uint16 denied) = (c.openItems, c.deniedItems);
        c.status = DeclarationTransitions.afterItems(c.itemCount, open, denied);
        bool full = open == 0 && denied == 0 && c.conditionalItems == 0;
        if (full) c.releasedAt = uint40(block.timestamp);
    }

    /// @dev More goods are at disposal: an exit that was confirmed, or signed, before does not speak of them.
    function awaitExit(Case storage c) internal {
        if (c.facts & NEEDS_EXIT == 0) return;
        c.exitedAt = 0;
        ++c.goodsRevision;
    }

    /// @dev Last second of a period [s] from `from` on; one that reaches beyond the last instant never ends.
    function lastOf(uint40 from, uint40 period) internal pure returns (uint40) {
        uint256 last = uint256(from) + period;
        return last > type(uint40).max ? type(uint40).max : uint40(last);
    }

    /// @dev Where check or use `index` of an item is kept.
    function slotOf(uint16 number, uint256 index) internal pure returns (uint256) {
        return (uint256(number) << 8) | index;
    }

    function isPending(Case storage c, uint16 number) internal view returns (bool) {
        return c.pendingItems != 0 && c.pending[number >> 8] & (1 << (number & 0xff)) != 0;
    }

    /// @dev Marks an item for entering again; an item already marked stays so.
    function markPending(Case storage c, uint16 number) internal {
        uint256 bit = 1 << (number & 0xff);
        uint256 word = c.pending[number >> 8];
        if (word & bit != 0) return;
        c.pending[number >> 8] = word | bit;
        ++c.pendingItems;
    }

    function clearPending(Case storage c, uint16 number) internal {
        if (!isPending(c, number)) revert IDeclarationRegistry.ItemNotPending(number);
        c.pending[number >> 8] &= ~(uint256(1) << (number & 0xff));
        --c.pendingItems;
    }

    /// @dev Version under which an item entered now reserves its permits: the legal one, and above it a count of
    ///      what was taken out again, so that a freed reservation is never taken for its successor.
    function permitVersion(Case storage c) internal view returns (uint32) {
        uint16 version = c.version;
        return (uint32(c.attempt) << 16) | (version == 0 ? 1 : version);
    }

    function representation(Case storage c) internal view returns (Representation) {
        return Representation(c.facts & REPRESENTATION);
    }

    /// @dev Record a refusal and give its number.
    function refuse(Case storage c, Refusal memory refusal) internal returns (uint16 number) {
        number = ++c.refusals;
        c.refused[number] = refusal;
    }
}
