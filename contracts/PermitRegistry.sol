// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ActTarget} from "./ActTarget.sol";
import {IAuthoritySource} from "./interfaces/IAuthoritySource.sol";
import {
    IPermitRegistry,
    PermitApplication,
    PermitHead,
    PermitLine,
    PermitState,
    UseState
} from "./interfaces/IPermitRegistry.sol";
import {IPermitUse, PermitUse} from "./interfaces/IPermitUse.sol";
import {DatedWord} from "./libraries/DatedWord.sol";
import {DeclaredUnits} from "./libraries/DeclaredUnits.sol";
import {PermitAction, PermitTransitions, UseAction} from "./libraries/PermitTransitions.sol";
import {QuantityLine, QuantityLines} from "./libraries/QuantityLine.sol";
import {StateHistory} from "./libraries/StateHistory.sol";
import {AlreadyDone, BadValidity, WrongVersion} from "./types/Errors.sol";
import {PermitReasons} from "./types/PermitReasons.sol";
import {Roles} from "./types/Roles.sol";

/// @title PermitRegistry
/// @notice Permits of other government agencies: {IPermitRegistry}.
contract PermitRegistry is IPermitRegistry, ActTarget, AccessManaged {
    using StateHistory for StateHistory.Pages;
    using DeclaredUnits for DeclaredUnits.Units;
    using DatedWord for DatedWord.Setting;

    /// @dev A quantity line at its root.
    struct Line {
        bytes32 terms;
        QuantityLine balance;
    }

    /// @dev One use of a line, in the line's unit; `unit` is the declared unit in which the declaration states it.
    struct Use {
        UseState state;
        uint96 reserved;
        uint96 writtenOff;
        uint8 unit;
    }

    /// @dev The one declaration that a single-use permit serves, and how often.
    struct SingleUse {
        uint64 caseId;
        uint32 uses;
        uint32 consumed;
    }

    /// @dev What {_create} needs; also keeps the stack shallow.
    struct NewPermit {
        bytes32 id;
        bytes32 root;
        bytes32 application;
        bytes32 evidence;
        address actor;
        PermitHead head;
    }

    /// @notice Upper bound of lines, so that every walk over them has one.
    uint256 public constant MAX_LINES = 100;

    IAuthoritySource private immutable PARTICIPANTS;

    mapping(bytes32 permit => PermitHead) private _heads;
    mapping(bytes32 root => mapping(uint256 line => Line)) private _lines;
    mapping(bytes32 key => Use) private _uses;
    mapping(bytes32 root => SingleUse) private _single;
    mapping(bytes32 successor => bytes32 root) private _roots;
    mapping(bytes32 root => bytes32 permit) private _live;
    mapping(bytes32 permit => StateHistory.Pages) private _history;
    mapping(bytes32 application => PermitApplication) private _applications;
    mapping(uint64 from => mapping(uint24 docType => DatedWord.Setting to)) private _reassigned;
    mapping(bytes32 root => mapping(uint256 line => DeclaredUnits.Units)) private _units;
    mapping(uint24 docType => DatedWord.Setting) private _transferable;

    constructor(
        address accessManager,
        address forwarder,
        address participants
    ) ActTarget(forwarder) AccessManaged(accessManager) {
        PARTICIPANTS = IAuthoritySource(participants);
    }

    // ----- acts of traders and agencies

    /// @inheritdoc IPermitRegistry
    function applyFor(
        bytes32 requestId,
        uint24 docType,
        uint64 agency,
        bytes32 evidence
    ) external returns (bytes32 application) {
        address actor = _actor();
        uint64 trader = PARTICIPANTS.authorise(actor, Roles.DECLARANT | Roles.BROKER).participant();
        application = keccak256(abi.encode(trader, requestId));
        if (_applications[application].version != 0) revert AlreadyDone(application);
        _requireAccredited(agency, docType);
        _applications[application] = PermitApplication(trader, agency, docType, PermitState.APPLIED, 1, 0);
        emit PermitApplied(application, 1, actor, trader, agency, docType, evidence);
    }

    /// @inheritdoc IPermitRegistry
    function refuse(bytes32 application, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        address actor = _actor();
        PermitApplication storage asked = _answer(application, expectedVersion, actor, PermitAction.REFUSE);
        PermitReasons.requireKnown(reason);
        emit PermitRefused(application, asked.version, actor, reason, evidence);
    }

    /// @inheritdoc IPermitRegistry
    function issue(
        bytes32 requestId,
        uint24 docType,
        uint40 validFrom,
        uint40 validUntil,
        PermitLine[] calldata lines,
        bool singleUse,
        bytes32 evidence,
        bytes32 application
    ) external returns (bytes32 permit) {
        NewPermit memory made;
        made.actor = _actor();
        made.application = application;
        made.evidence = evidence;
        made.head.docType = docType;
        made.head.validFrom = validFrom;
        made.head.validUntil = validUntil;
        made.head.singleUse = singleUse;
        _identify(made, requestId);
        made.root = made.id;
        if (application != 0) {
            // the state alone guards against a repetition here: an application is answered once
            uint32 version = _applications[application].version;
            PermitApplication storage asked = _answer(application, version, made.actor, PermitAction.ISSUE);
            if (asked.docType != docType) revert TypeMismatch(asked.docType, docType);
            asked.permit = made.id;
        }
        for (uint256 i = 0; i < lines.length; ++i) {
            _requireQuantity(i, lines[i].authorised);
            _lines[made.id][i] = Line(lines[i].terms, QuantityLines.open(lines[i].authorised));
        }
        _create(made, lines);
        return made.id;
    }

    /// @inheritdoc IPermitRegistry
    function suspend(bytes32 permit, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        _change(permit, expectedVersion, PermitAction.SUSPEND, reason, evidence);
    }

    /// @inheritdoc IPermitRegistry
    function reinstate(bytes32 permit, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        _change(permit, expectedVersion, PermitAction.REINSTATE, reason, evidence);
    }

    /// @inheritdoc IPermitRegistry
    function revoke(bytes32 permit, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        _change(permit, expectedVersion, PermitAction.REVOKE, reason, evidence);
    }

    /// @inheritdoc IPermitRegistry
    function replace(
        bytes32 requestId,
        bytes32 permit,
        uint32 expectedVersion,
        uint40 validFrom,
        uint40 validUntil,
        PermitLine[] calldata lines,
        uint16 reason,
        bytes32 evidence
    ) external returns (bytes32 replacement) {
        NewPermit memory made;
        made.head = _heads[permit];
        made.root = rootOf(permit);
        made.evidence = evidence;
        if (lines.length < made.head.lines) revert BadLineCount(lines.length, MAX_LINES);
        PermitState worth = stateAt(permit, uint40(block.timestamp));
        made.actor = _change(permit, expectedVersion, PermitAction.REPLACE, reason, evidence);
        if (worth != PermitState.ACTIVE) revert PermitStateForbids(permit, worth);
        made.head.validFrom = validFrom;
        made.head.validUntil = validUntil;
        made.head.successor = true;
        _identify(made, requestId);
        for (uint256 i = 0; i < lines.length; ++i) {
            _requireQuantity(i, lines[i].authorised);
            Line storage line = _lines[made.root][i];
            uint256 used = uint256(line.balance.reserved()) + line.balance.writtenOff();
            if (lines[i].authorised < used) revert BelowUse(uint8(i), lines[i].authorised, used);
            _restateTerms(made.root, i, lines[i].terms);
            line.balance = line.balance.restate(lines[i].authorised);
        }
        _roots[made.id] = made.root;
        _live[made.root] = made.id;
        _create(made, lines);
        return made.id;
    }

    /// @inheritdoc IPermitRegistry
    function declareUnit(
        bytes32 permit,
        uint32 expectedVersion,
        uint8 line,
        bytes32 terms,
        uint64 numerator,
        uint64 denominator,
        uint16 reason,
        bytes32 evidence
    ) external {
        _change(permit, expectedVersion, PermitAction.DECLARE_UNIT, reason, evidence);
        if (line >= _heads[permit].lines) revert UnknownLine(permit, line);
        bytes32 root = rootOf(permit);
        uint8 unit = _units[root][line].declare(_lines[root][line].terms, terms, numerator, denominator);
        emit UnitDeclared(permit, line, unit, terms, numerator, denominator);
    }

    /// @inheritdoc IPermitRegistry
    function transfer(
        bytes32 permit,
        uint32 expectedVersion,
        bytes32[] calldata terms,
        uint16 reason,
        bytes32 evidence
    ) external {
        PermitState worth = stateAt(permit, uint40(block.timestamp));
        _change(permit, expectedVersion, PermitAction.TRANSFER, reason, evidence);
        if (worth != PermitState.ACTIVE) revert PermitStateForbids(permit, worth);
        PermitHead storage head = _heads[permit];
        if (!isTransferable(head.docType)) revert NotTransferable(permit, head.docType);
        if (terms.length != head.lines) revert BadLineCount(terms.length, head.lines);
        bytes32 root = rootOf(permit);
        for (uint256 i = 0; i < terms.length; ++i) {
            _restateTerms(root, i, terms[i]);
        }
        emit PermitTransferred(permit, terms);
    }

    /// @inheritdoc IPermitRegistry
    function setTransferable(uint24 docType, uint32 expectedVersion, bool transferable) external restricted {
        _transferable[docType].set(expectedVersion, transferable ? 1 : 0);
        emit PermitTypeTransferable(docType, expectedVersion + 1, msg.sender, transferable);
    }

    /// @inheritdoc IPermitRegistry
    function reassignType(uint64 from, uint24 docType, uint32 expectedVersion, uint64 to) external restricted {
        if (to != 0 && _isEntitled(from, docType, uint40(block.timestamp))) revert StillEntitled(from, docType);
        _reassigned[from][docType].set(expectedVersion, to);
        emit PermitTypeReassigned(from, docType, expectedVersion + 1, msg.sender, to);
    }

    // ----- acts of declaration registries

    /// @inheritdoc IPermitUse
    function reserve(
        uint64 caseId,
        uint32 version,
        PermitUse[] calldata uses,
        uint40 asOf
    ) external restricted returns (uint40 validUntil) {
        validUntil = type(uint40).max;
        for (uint256 i = 0; i < uses.length; ++i) {
            _requireQuantity(i, uses[i].quantity);
            _reserve(caseId, version, uses[i], asOf);
            uint40 until = _heads[uses[i].permit].validUntil;
            if (until < validUntil) validUntil = until;
        }
    }

    /// @inheritdoc IPermitUse
    function writeOff(uint64 caseId, uint32 version, PermitUse[] calldata uses) external restricted {
        for (uint256 i = 0; i < uses.length; ++i) {
            _writeOff(caseId, version, uses[i], i);
        }
    }

    /// @inheritdoc IPermitUse
    function unreserve(uint64 caseId, uint32 version, PermitUse[] calldata uses) external restricted {
        for (uint256 i = 0; i < uses.length; ++i) {
            _unreserve(caseId, version, uses[i]);
        }
    }

    /// @inheritdoc IPermitUse
    function restore(uint64 caseId, uint32 version, PermitUse[] calldata uses) external restricted {
        for (uint256 i = 0; i < uses.length; ++i) {
            _restore(caseId, version, uses[i]);
        }
    }

    // ----- reading

    /// @inheritdoc IPermitUse
    function usable(
        uint64 caseId,
        uint32 version,
        PermitUse[] calldata uses
    ) external view returns (bool[] memory answers) {
        answers = new bool[](uses.length);
        for (uint256 i = 0; i < uses.length; ++i) {
            PermitUse calldata asked = uses[i];
            Use storage use = _uses[_useKey(rootOf(asked.permit), asked.line, caseId, asked.item, version)];
            PermitState live = _heads[liveOf(asked.permit)].state;
            answers[i] =
                use.state == UseState.RESERVED &&
                use.reserved >= _units[rootOf(asked.permit)][asked.line].inLineUnit(use.unit, asked.quantity) &&
                live == PermitState.ACTIVE;
        }
    }

    /// @inheritdoc IPermitRegistry
    function reassignedTo(uint64 from, uint24 docType) public view returns (uint64) {
        return reassignedAt(from, docType, uint40(block.timestamp));
    }

    /// @inheritdoc IPermitRegistry
    function reassignedAt(uint64 from, uint24 docType, uint40 instant) public view returns (uint64) {
        return _isEntitled(from, docType, instant) ? 0 : uint64(_reassigned[from][docType].bodyAt(instant));
    }

    /// @inheritdoc IPermitRegistry
    function permitHead(bytes32 permit) external view returns (PermitHead memory) {
        return _heads[permit];
    }

    /// @inheritdoc IPermitRegistry
    function applicationOf(bytes32 application) external view returns (PermitApplication memory) {
        return _applications[application];
    }

    /// @inheritdoc IPermitRegistry
    function lineOf(
        bytes32 permit,
        uint8 line
    ) external view returns (bytes32 terms, uint96 available, uint96 reserved, uint96 writtenOff) {
        if (line >= _heads[liveOf(permit)].lines) revert UnknownLine(permit, line);
        Line storage found = _lines[rootOf(permit)][line];
        return (found.terms, found.balance.available(), found.balance.reserved(), found.balance.writtenOff());
    }

    /// @inheritdoc IPermitRegistry
    function unitOf(
        bytes32 permit,
        uint8 line,
        bytes32 terms
    ) external view returns (uint8 unit, uint64 numerator, uint64 denominator) {
        DeclaredUnits.Units storage units = _units[rootOf(permit)][line];
        unit = units.find(terms);
        return (unit, units.known[unit].numerator, units.known[unit].denominator);
    }

    /// @inheritdoc IPermitRegistry
    function isTransferable(uint24 docType) public view returns (bool) {
        return isTransferableAt(docType, uint40(block.timestamp));
    }

    /// @inheritdoc IPermitRegistry
    function isTransferableAt(uint24 docType, uint40 instant) public view returns (bool) {
        return _transferable[docType].bodyAt(instant) & 1 != 0;
    }

    /// @inheritdoc IPermitRegistry
    function useOf(
        bytes32 permit,
        uint8 line,
        uint64 caseId,
        uint16 item,
        uint32 caseVersion
    ) external view returns (UseState state, uint96 reserved, uint96 writtenOff) {
        Use storage use = _uses[_useKey(rootOf(permit), line, caseId, item, caseVersion)];
        return (use.state, use.reserved, use.writtenOff);
    }

    /// @inheritdoc IPermitRegistry
    function stateAt(bytes32 permit, uint40 instant) public view returns (PermitState) {
        PermitHead storage head = _heads[permit];
        PermitState stored = PermitState(_history[permit].at_(instant));
        return PermitTransitions.worth(stored, head.validUntil, _exhausted(permit, head), instant);
    }

    /// @inheritdoc IPermitRegistry
    function rootOf(bytes32 permit) public view returns (bytes32) {
        return _heads[permit].successor ? _roots[permit] : permit;
    }

    /// @inheritdoc IPermitRegistry
    function liveOf(bytes32 permit) public view returns (bytes32) {
        return _heads[permit].state == PermitState.REPLACED ? _live[rootOf(permit)] : permit;
    }

    // ----- permits

    /// @dev Gives the new permit its issuer and id, or reverts.
    function _identify(NewPermit memory made, bytes32 requestId) private view {
        uint64 issuer = PARTICIPANTS.authorise(made.actor, Roles.OGA).participant();
        _requireAccredited(issuer, made.head.docType);
        made.head.issuer = issuer;
        made.id = keccak256(abi.encode(issuer, requestId));
        if (_heads[made.id].version != 0) revert AlreadyDone(made.id);
        if (made.head.validFrom > made.head.validUntil || made.head.validUntil < block.timestamp) {
            revert BadValidity(made.head.validFrom, made.head.validUntil);
        }
    }

    function _create(NewPermit memory made, PermitLine[] calldata lines) private {
        if (lines.length == 0 || lines.length > MAX_LINES) revert BadLineCount(lines.length, MAX_LINES);
        made.head.state = PermitState.ACTIVE;
        made.head.lines = uint8(lines.length);
        made.head.version = 1;
        _heads[made.id] = made.head;
        _history[made.id].push(uint40(block.timestamp), uint8(PermitState.ACTIVE));
        _emitIssued(made, lines);
    }

    function _emitIssued(NewPermit memory made, PermitLine[] calldata lines) private {
        emit PermitIssued(
            made.id,
            1,
            made.actor,
            made.head.issuer,
            made.head.docType,
            made.head.validFrom,
            made.head.validUntil,
            made.head.singleUse,
            lines,
            made.root,
            made.application,
            made.evidence
        );
    }

    /// @dev Moves an application that is addressed to the actor's agency, or to one for which it stands in.
    function _answer(
        bytes32 application,
        uint32 expectedVersion,
        address actor,
        PermitAction action
    ) private returns (PermitApplication storage asked) {
        uint64 agency = PARTICIPANTS.authorise(actor, Roles.OGA).participant();
        asked = _applications[application];
        if (asked.version == 0) revert UnknownApplication(application);
        if (asked.agency != agency && !_standsIn(agency, asked.agency, asked.docType)) {
            revert NotAddressee(application, asked.agency, agency);
        }
        if (asked.version != expectedVersion) revert WrongVersion(expectedVersion, asked.version);
        (bool allowed, PermitState to) = PermitTransitions.next(asked.state, action);
        if (!allowed) revert PermitStateForbids(application, asked.state);
        asked.state = to;
        ++asked.version;
    }

    function _change(
        bytes32 permit,
        uint32 expectedVersion,
        PermitAction action,
        uint16 reason,
        bytes32 evidence
    ) private returns (address actor) {
        actor = _actor();
        uint64 agency = PARTICIPANTS.authorise(actor, Roles.OGA).participant();
        PermitHead storage head = _heads[permit];
        if (head.version == 0) revert UnknownPermit(permit);
        if (agency != head.issuer && agency != reassignedTo(head.issuer, head.docType)) {
            revert NotIssuer(permit, head.issuer, agency);
        }
        if (head.version != expectedVersion) revert WrongVersion(expectedVersion, head.version);
        (bool allowed, PermitState to) = PermitTransitions.next(head.state, action);
        if (!allowed) revert PermitStateForbids(permit, head.state);
        PermitReasons.requireKnown(reason);
        head.state = to;
        head.version = expectedVersion + 1;
        _history[permit].push(uint40(block.timestamp), uint8(to));
        emit PermitChanged(permit, expectedVersion + 1, actor, to, reason, evidence);
    }

    /// @dev What waits for an agency passes to the one in its place, or to the one that has the type.
    function _standsIn(uint64 agency, uint64 addressee, uint24 docType) private view returns (bool) {
        return agency == PARTICIPANTS.successorOf(addressee) || agency == reassignedTo(addressee, docType);
    }

    function _isEntitled(uint64 agency, uint24 docType, uint40 instant) private view returns (bool) {
        return PARTICIPANTS.activeAt(agency, instant) && PARTICIPANTS.accreditedAt(agency, docType, instant);
    }

    function _requireAccredited(uint64 agency, uint24 docType) private view {
        uint40 instant = uint40(block.timestamp);
        if (docType == 0 || !PARTICIPANTS.accreditedAt(agency, docType, instant)) {
            revert IAuthoritySource.NotAccredited(agency, docType, instant);
        }
    }

    function _requireQuantity(uint256 index, uint256 quantity) private pure {
        if (quantity == 0 || quantity > QuantityLines.MAX) revert BadQuantity(index, quantity);
    }

    /// @dev Whether nothing is left: no line holds anything unused, or the single use is consumed.
    function _exhausted(bytes32 permit, PermitHead storage head) private view returns (bool) {
        bytes32 root = rootOf(permit);
        if (head.singleUse && _single[root].consumed != 0) return true;
        for (uint256 i = 0; i < head.lines; ++i) {
            QuantityLine balance = _lines[root][i].balance;
            if (balance.available() != 0 || balance.reserved() != 0) return false;
        }
        return true;
    }

    // ----- uses

    function _reserve(uint64 caseId, uint32 version, PermitUse calldata asked, uint40 asOf) private {
        PermitHead memory head = _heads[asked.permit];
        if (head.version == 0) revert UnknownPermit(asked.permit);
        _requireUsable(asked.permit, head, asOf);
        if (asked.line >= head.lines) revert UnknownLine(asked.permit, asked.line);
        bytes32 root = head.successor ? _roots[asked.permit] : asked.permit;
        Line storage line = _lines[root][asked.line];
        uint8 unit = line.terms == asked.terms ? 0 : _declaredUnit(root, line.terms, asked);
        uint96 quantity = _units[root][asked.line].inLineUnit(unit, asked.quantity);

        Use storage use = _uses[_useKey(root, asked.line, caseId, asked.item, version)];
        if (!_step(use, caseId, asked, UseAction.RESERVE, use.reserved == quantity)) return;
        if (head.singleUse) _takeSingle(root, asked.permit, caseId);
        QuantityLine balance = line.balance;
        if (balance.available() < quantity) {
            revert NotEnoughAvailable(asked.permit, asked.line, balance.available(), quantity);
        }
        (use.reserved, use.unit) = (quantity, unit);
        balance = balance.reserve(quantity);
        line.balance = balance;
        _emitUsed(caseId, version, asked, UseState.RESERVED, quantity, balance);
    }

    /// @dev ACTIVE now and in date at `asOf`. What was replaced since then stood at `asOf` with its own dates; whether
    ///      it may be used now its successor says.
    function _requireUsable(bytes32 permit, PermitHead memory head, uint40 asOf) private view {
        PermitState standing = head.state;
        bool since = standing == PermitState.REPLACED && _history[permit].at_(asOf) != uint8(PermitState.REPLACED);
        if (since) standing = _heads[liveOf(permit)].state;
        if (standing != PermitState.ACTIVE || asOf < head.validFrom || asOf > head.validUntil) {
            revert PermitNotUsable(permit, PermitTransitions.worth(standing, head.validUntil, false, asOf));
        }
    }

    function _writeOff(uint64 caseId, uint32 version, PermitUse calldata asked, uint256 index) private {
        PermitHead memory head = _heads[asked.permit];
        bytes32 root = head.successor ? _roots[asked.permit] : asked.permit;
        PermitState live = head.state == PermitState.REPLACED ? _heads[_live[root]].state : head.state;
        if (live != PermitState.ACTIVE) revert PermitNotUsable(asked.permit, live);
        _requireQuantity(index, asked.quantity);

        Use storage use = _uses[_useKey(root, asked.line, caseId, asked.item, version)];
        uint96 quantity = _units[root][asked.line].inLineUnit(use.unit, asked.quantity);
        if (!_step(use, caseId, asked, UseAction.WRITE_OFF, use.writtenOff == quantity)) return;
        uint96 held = use.reserved;
        if (held < quantity) revert NotEnoughReserved(asked.permit, asked.line, held, quantity);
        use.reserved = 0;
        use.writtenOff = quantity;
        if (head.singleUse) ++_single[root].consumed;
        Line storage line = _lines[root][asked.line];
        QuantityLine balance = line.balance.writeOff(held, quantity);
        line.balance = balance;
        _emitUsed(caseId, version, asked, UseState.WRITTEN_OFF, quantity, balance);
    }

    function _unreserve(uint64 caseId, uint32 version, PermitUse calldata asked) private {
        PermitHead memory head = _heads[asked.permit];
        bytes32 root = head.successor ? _roots[asked.permit] : asked.permit;
        Use storage use = _uses[_useKey(root, asked.line, caseId, asked.item, version)];
        uint96 held = use.reserved;
        if (!_step(use, caseId, asked, UseAction.UNRESERVE, true)) return;
        use.reserved = 0;
        if (head.singleUse) --_single[root].uses;
        Line storage line = _lines[root][asked.line];
        QuantityLine balance = line.balance.unreserve(held);
        line.balance = balance;
        _emitUsed(caseId, version, asked, UseState.FREED, held, balance);
    }

    function _restore(uint64 caseId, uint32 version, PermitUse calldata asked) private {
        PermitHead memory head = _heads[asked.permit];
        bytes32 root = head.successor ? _roots[asked.permit] : asked.permit;
        Use storage use = _uses[_useKey(root, asked.line, caseId, asked.item, version)];
        uint96 used = use.writtenOff;
        if (!_step(use, caseId, asked, UseAction.RESTORE, true)) return;
        use.writtenOff = 0;
        if (head.singleUse) {
            SingleUse storage single = _single[root];
            --single.uses;
            --single.consumed;
        }
        Line storage line = _lines[root][asked.line];
        QuantityLine balance = line.balance.restore(used);
        line.balance = balance;
        _emitUsed(caseId, version, asked, UseState.RESTORED, used, balance);
    }

    /// @dev The unit that the declaration's terms stand for, if the line has declared it.
    function _declaredUnit(bytes32 root, bytes32 terms, PermitUse calldata asked) private view returns (uint8 unit) {
        unit = _units[root][asked.line].find(asked.terms);
        if (unit == 0) revert TermsMismatch(asked.permit, asked.line, terms, asked.terms);
    }

    /// @dev Gives a line other terms, with which the units declared beside the old ones end.
    function _restateTerms(bytes32 root, uint256 line, bytes32 terms) private {
        _lines[root][line].terms = terms;
        _units[root][line].retire();
    }

    /// @dev Moves the use by its table. False for a repetition, which must name the `same` quantity.
    function _step(
        Use storage use,
        uint64 caseId,
        PermitUse calldata asked,
        UseAction action,
        bool same
    ) private returns (bool) {
        UseState from = use.state;
        (bool allowed, bool changes, UseState to) = PermitTransitions.nextUse(from, action);
        if (!allowed || (!changes && !same)) {
            revert UseForbids(asked.permit, caseId, asked.item, asked.line, from, asked.quantity);
        }
        if (changes) use.state = to;
        return changes;
    }

    /// @dev A single-use permit serves the first declaration that reserves, until all of that is freed or restored.
    function _takeSingle(bytes32 root, bytes32 permit, uint64 caseId) private {
        SingleUse storage single = _single[root];
        if (single.uses != 0 && single.caseId != caseId) revert SingleUseTaken(permit, single.caseId);
        if (single.uses == 0) single.caseId = caseId;
        ++single.uses;
    }

    function _useKey(
        bytes32 root,
        uint8 line,
        uint64 caseId,
        uint16 item,
        uint32 version
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(root, line, caseId, item, version));
    }

    function _emitUsed(
        uint64 caseId,
        uint32 version,
        PermitUse calldata asked,
        UseState state,
        uint96 quantity,
        QuantityLine balance
    ) private {
        emit PermitUsed(
            asked.permit,
            caseId,
            msg.sender,
            version,
            asked.item,
            asked.line,
            state,
            quantity,
            balance.available(),
            balance.reserved(),
            balance.writtenOff()
        );
    }
}
