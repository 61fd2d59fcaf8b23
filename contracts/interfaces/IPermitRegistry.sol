// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPermitUse} from "./IPermitUse.sol";

/// @notice State of an application or of a permit (domain guide 4.2). EXHAUSTED and EXPIRED are computed, never stored.
enum PermitState {
    NONE,
    APPLIED,
    REFUSED,
    ISSUED,
    ACTIVE,
    SUSPENDED,
    REVOKED,
    REPLACED,
    EXHAUSTED,
    EXPIRED
}

/// @notice State of one use of a permit line by one goods item.
enum UseState {
    NONE,
    RESERVED,
    WRITTEN_OFF,
    FREED,
    RESTORED
}

/// @notice A quantity line as its agency states it.
/// @param terms {PermitTerms.commitment} of (salt, holder, commodity prefix, origin, unit). A value ceiling is a line
///        whose unit is the currency.
/// @param authorised In the line's unit, scaled by 10^6; > 0 and below 2^85.
struct PermitLine {
    bytes32 terms;
    uint96 authorised;
}

/// @notice What the registry keeps of an application.
/// @param trader Participant that applied.
/// @param agency Participant asked to decide.
/// @param permit Permit issued on it; 0 before.
struct PermitApplication {
    uint64 trader;
    uint64 agency;
    uint24 docType;
    PermitState state;
    uint32 version;
    bytes32 permit;
}

/// @notice What the registry keeps of a permit beside its lines; one word of storage.
/// @param issuer Agency that issued it.
/// @param docType UNCL 1001 code × 1000 + national subtype.
/// @param validFrom First second of validity [unix s], inclusive.
/// @param validUntil Last second of validity [unix s], inclusive.
/// @param state ACTIVE, SUSPENDED, REVOKED or REPLACED: what acts made of it; see {IPermitRegistry.stateAt} for what it
///        is worth.
/// @param lines Number of quantity lines.
/// @param singleUse Whether one declaration alone may use it.
/// @param successor Whether it replaces another permit, whose root then keeps the lines.
/// @param version Counts the acts on the permit, from 1; uses do not count.
struct PermitHead {
    uint64 issuer;
    uint24 docType;
    uint40 validFrom;
    uint40 validUntil;
    PermitState state;
    uint8 lines;
    bool singleUse;
    bool successor;
    uint32 version;
}

/// @title IPermitRegistry
/// @notice Permits of other government agencies and what declarations reserved and wrote off from them.
/// @dev Per line `authorised = available + reserved + writtenOff`, always. Lines belong to the *root*: the first permit
///      of a chain of replacements; a permit that replaces another takes over its root's lines with everything reserved
///      and written off. An id is an entity key, `keccak256(abi.encode(participant, requestId))`. Reason codes:
///      {PermitReasons}. Beside its own errors it throws the shared ones of `types/Errors.sol`. Quantities, types,
///      states and times are public; holder, commodity, origin and unit are commitments. A permit passes to another
///      holder only where governance declared its type transferable. A declaration states its quantity in the line's
///      unit, or in one that the agency declared for the line with an exact factor; balances are in the line's.
interface IPermitRegistry is IPermitUse {
    /// @notice A trader asked an agency for a permit; `evidence` is the record id of the sealed application.
    event PermitApplied(
        bytes32 indexed application,
        uint32 version,
        address actor,
        uint64 indexed trader,
        uint64 indexed agency,
        uint24 docType,
        bytes32 evidence
    );
    /// @notice The agency refused the application.
    event PermitRefused(bytes32 indexed application, uint32 version, address actor, uint16 reason, bytes32 evidence);
    /// @notice A permit came into being. `root` is its own id unless it replaces another; `application` is 0 without
    ///         one.
    event PermitIssued(
        bytes32 indexed permit,
        uint32 version,
        address actor,
        uint64 indexed issuer,
        uint24 indexed docType,
        uint40 validFrom,
        uint40 validUntil,
        bool singleUse,
        PermitLine[] lines,
        bytes32 root,
        bytes32 application,
        bytes32 evidence
    );
    /// @notice A permit was suspended, reinstated (ACTIVE), revoked, or replaced.
    event PermitChanged(
        bytes32 indexed permit,
        uint32 version,
        address actor,
        PermitState state,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice A goods item's use of a line moved to `state`; the last three are the line's balance after it.
    /// @param permit Permit as the declaration cites it; the balance is its root's.
    /// @param registry Declaration registry that did it; the officer is the actor of its own event in the same
    ///        transaction.
    /// @param quantity Reserved, written off, freed or given back by this step.
    event PermitUsed(
        bytes32 indexed permit,
        uint64 indexed caseId,
        address registry,
        uint32 caseVersion,
        uint16 item,
        uint8 line,
        UseState state,
        uint96 quantity,
        uint96 available,
        uint96 reserved,
        uint96 writtenOff
    );
    /// @notice A quantity stated under `terms` counts `numerator / denominator` of the line's unit; `unit` numbers it.
    event UnitDeclared(
        bytes32 indexed permit,
        uint8 line,
        uint8 unit,
        bytes32 terms,
        uint64 numerator,
        uint64 denominator
    );
    /// @notice The permit has a new holder: `terms` of each line, in order. Told beside {PermitChanged}.
    event PermitTransferred(bytes32 indexed permit, bytes32[] terms);
    /// @notice Governance said whether permits of a type may pass to another holder; `version` counts its settings.
    event PermitTypeTransferable(uint24 indexed docType, uint32 version, address actor, bool transferable);
    /// @notice Governance lets `to` act on the permits of `docType` that `from` issued, while `from` itself is not
    ///         entitled to the type; `version` counts its settings.
    event PermitTypeReassigned(
        uint64 indexed from,
        uint24 indexed docType,
        uint32 version,
        address actor,
        uint64 indexed to
    );

    error UnknownApplication(bytes32 application);
    error UnknownPermit(bytes32 permit);
    error UnknownLine(bytes32 permit, uint8 line);
    /// @notice Thrown when the state does not allow the act; nothing outside the table of 4.2 passes.
    error PermitStateForbids(bytes32 entity, PermitState state);
    error NotIssuer(bytes32 permit, uint64 issuer, uint64 actor);
    /// @notice Thrown when governance has not declared the permit's type transferable.
    error NotTransferable(bytes32 permit, uint24 docType);
    /// @notice Thrown when the type of an agency that is active and accredited for it would go to another.
    error StillEntitled(uint64 agency, uint24 docType);
    error NotAddressee(bytes32 application, uint64 agency, uint64 actor);
    error TypeMismatch(uint24 expected, uint24 actual);
    error BadLineCount(uint256 count, uint256 limit);
    error BadQuantity(uint256 line, uint256 quantity);
    /// @notice Thrown when a replacement would authorise less than is already reserved and written off.
    error BelowUse(uint8 line, uint256 authorised, uint256 used);
    /// @notice Thrown when a permit is not usable now: `state` is what {stateAt} answers for this second.
    error PermitNotUsable(bytes32 permit, PermitState state);
    /// @notice Thrown when the declaration's own holder, commodity, origin or unit give another commitment.
    error TermsMismatch(bytes32 permit, uint8 line, bytes32 expected, bytes32 actual);
    error NotEnoughAvailable(bytes32 permit, uint8 line, uint256 available, uint256 asked);
    error NotEnoughReserved(bytes32 permit, uint8 line, uint256 reserved, uint256 asked);
    /// @notice Thrown when a use does not allow the step, or is repeated with another quantity.
    error UseForbids(bytes32 permit, uint64 caseId, uint16 item, uint8 line, UseState state, uint96 quantity);
    /// @notice Thrown when a single-use permit already serves declaration `caseId`.
    error SingleUseTaken(bytes32 permit, uint64 caseId);

    /// @notice Asks `agency`, accredited for `docType`, for a permit.
    /// @dev By a DECLARANT or BROKER key. `evidence` is the record id of the sealed application, or 0.
    /// @return application `keccak256(abi.encode(participant, requestId))`.
    function applyFor(
        bytes32 requestId,
        uint24 docType,
        uint64 agency,
        bytes32 evidence
    ) external returns (bytes32 application);

    /// @notice Refuses an application. By an OGA key of the agency addressed, or of the one that stands in for it or
    ///         for its type; `reason` is not 0.
    function refuse(bytes32 application, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice Issues a permit.
    /// @dev By an OGA key of a participant accredited for `docType` now. `validFrom <= validUntil`, `validUntil` not
    ///      past; 1 to 100 lines, each with a quantity.
    /// @param evidence Record id of the permit document.
    /// @param application Application that it answers (same type, addressed to this agency or to one for which it
    ///        stands in), or 0.
    /// @return permit `keccak256(abi.encode(participant, requestId))`.
    function issue(
        bytes32 requestId,
        uint24 docType,
        uint40 validFrom,
        uint40 validUntil,
        PermitLine[] calldata lines,
        bool singleUse,
        bytes32 evidence,
        bytes32 application
    ) external returns (bytes32 permit);

    /// @notice ACTIVE → SUSPENDED, by an OGA key of the issuer (or of its successor for the type). Reservations stop
    ///         counting.
    function suspend(bytes32 permit, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice SUSPENDED → ACTIVE. Reservations count again.
    function reinstate(bytes32 permit, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice ACTIVE or SUSPENDED → REVOKED, for good; `reason` is not 0.
    function revoke(bytes32 permit, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice ACTIVE → REPLACED by a new permit of the same type that inherits every reservation and write-off, and
    ///         whether it is for a single use. By an OGA key of the issuer, still accredited.
    /// @param lines Restates the lines by number; none fewer, and none below what is reserved and written off. More may
    ///        be added.
    /// @return replacement `keccak256(abi.encode(participant, requestId))`.
    function replace(
        bytes32 requestId,
        bytes32 permit,
        uint32 expectedVersion,
        uint40 validFrom,
        uint40 validUntil,
        PermitLine[] calldata lines,
        uint16 reason,
        bytes32 evidence
    ) external returns (bytes32 replacement);

    /// @notice Lets declarations state their quantity for `line` in another unit. By an OGA key of the issuer (or of
    ///         its successor), while the permit is ACTIVE; counts as an act on the permit.
    /// @dev Ends when the line gets other terms; uses made before keep it. At most 8 a line. Reverts
    ///      {DeclaredUnits.BadUnit}, {DeclaredUnits.TooManyUnits}. A quantity that converts to no whole millionth is
    ///      refused where it is used ({DeclaredUnits.InexactConversion}).
    /// @param terms {PermitTerms.commitment} with the line's salt, holder, commodity and origin, and the other unit.
    /// @param numerator,denominator Of the line's unit that one of the other unit is: 1000/1 for tonnes of a line in
    ///        kilograms.
    function declareUnit(
        bytes32 permit,
        uint32 expectedVersion,
        uint8 line,
        bytes32 terms,
        uint64 numerator,
        uint64 denominator,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Passes a permit to another holder, at the holder's request. By an OGA key of the issuer (or of its
    ///         successor), if the permit's type is transferable and the permit usable now.
    /// @dev What was reserved and written off stays with the declarations that did; what is left is the new holder's.
    /// @param terms Commitment of each line, in order, with the new holder and fresh salts.
    /// @param evidence Record id of both holders' agreement.
    function transfer(
        bytes32 permit,
        uint32 expectedVersion,
        bytes32[] calldata terms,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Whether permits of `docType` may pass to another holder. [governance]
    /// @param expectedVersion Number of settings of the type so far.
    function setTransferable(uint24 docType, uint32 expectedVersion, bool transferable) external;

    /// @notice Hands the permits of `docType` that `from` issued, and what was applied for, to `to`. [governance]
    /// @dev Domain guide 4.9: reverts {StillEntitled} while `from` is active and accredited for the type. Once it is
    ///      so again, `to` acts no more, without another decision.
    /// @param expectedVersion Number of settings for `from` and the type so far.
    /// @param to Agency in its place; 0: none any more, which may be said at any time.
    function reassignType(uint64 from, uint24 docType, uint32 expectedVersion, uint64 to) external;

    /// @notice Agency that acts now on the permits of `docType` that `from` issued, beside `from`; 0: none.
    function reassignedTo(uint64 from, uint24 docType) external view returns (uint64);

    /// @notice Agency that could act at `instant` [unix s] on the permits of `docType` that `from` issued; 0: none.
    function reassignedAt(uint64 from, uint24 docType, uint40 instant) external view returns (uint64);

    /// @notice Head of a permit as stored. `version` 0: unknown.
    function permitHead(bytes32 permit) external view returns (PermitHead memory);

    /// @notice An application as stored. `version` 0: unknown.
    function applicationOf(bytes32 application) external view returns (PermitApplication memory);

    /// @notice What the permit is worth at `instant` [unix s], both ends of validity inclusive.
    /// @dev Acts count from their block's time; NONE before issue. EXPIRED is told where the acts leave it live.
    ///      EXHAUSTED is judged by the balances of the block that the call is pinned to. Before `validFrom` the state
    ///      is ACTIVE, and {reserve} still refuses.
    function stateAt(bytes32 permit, uint40 instant) external view returns (PermitState);

    /// @notice Terms and balance of a line of the permit's root. Reverts {UnknownLine}.
    function lineOf(
        bytes32 permit,
        uint8 line
    ) external view returns (bytes32 terms, uint96 available, uint96 reserved, uint96 writtenOff);

    /// @notice The unit declared for a line under `terms` and its factor; `unit` 0: none is in force.
    function unitOf(
        bytes32 permit,
        uint8 line,
        bytes32 terms
    ) external view returns (uint8 unit, uint64 numerator, uint64 denominator);

    /// @notice Whether permits of a type may pass to another holder now.
    function isTransferable(uint24 docType) external view returns (bool);

    /// @notice Whether permits of a type could pass to another holder at `instant` [unix s].
    function isTransferableAt(uint24 docType, uint40 instant) external view returns (bool);

    /// @notice One use: its state, what it holds reserved and what it wrote off.
    function useOf(
        bytes32 permit,
        uint8 line,
        uint64 caseId,
        uint16 item,
        uint32 caseVersion
    ) external view returns (UseState state, uint96 reserved, uint96 writtenOff);

    /// @notice First permit of the chain of replacements.
    function rootOf(bytes32 permit) external view returns (bytes32);

    /// @notice Last permit of the chain of replacements: the one whose state counts.
    function liveOf(bytes32 permit) external view returns (bytes32);
}
