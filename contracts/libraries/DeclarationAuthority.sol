// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../interfaces/IDeclarationRegistry.sol";
import {AuthorityWord} from "../types/Authority.sol";
import {NotHigherOffice, WrongOffice} from "../types/Errors.sol";
import {Roles} from "../types/Roles.sol";
import {Act, Case, DeclarationStore, Fallback, Sources, Store} from "./DeclarationStore.sol";

/// @title DeclarationAuthority
/// @notice Who may act on a declaration (domain guide, section 5), asked at the time of the act.
library DeclarationAuthority {
    /// @notice Scopes of a power of attorney.
    uint32 internal constant SCOPE_LODGE = 1;
    uint32 internal constant SCOPE_APPEAL = 4;

    /// @notice Roles that act only in the case's office, even when their key names none.
    uint32 internal constant OFFICE_BOUND = Roles.CUSTOMS_OFFICER | Roles.CUSTOMS_INSPECTOR;

    /// @dev As `check`, and the case is not assigned to another officer.
    function assigned(
        Sources calldata sources,
        Case storage c,
        address actor,
        uint32 roles
    ) internal view returns (AuthorityWord authority) {
        authority = check(sources, c, actor, roles);
        if (c.facts & DeclarationStore.ASSIGNED == 0 || authority.roles() & Roles.CUSTOMS_OFFICER == 0)
            return authority;
        address officer = c.officer;
        if (officer != actor) revert IDeclarationRegistry.NotAssigned(officer);
    }

    /// @dev Role, office and independence of a key of customs.
    function check(
        Sources calldata sources,
        Case storage c,
        address actor,
        uint32 roles
    ) internal view returns (AuthorityWord authority) {
        authority = sources.participants.authorise(actor, roles);
        uint24 office = c.office;
        bool bound = authority.office() != 0 || authority.roles() & roles & OFFICE_BOUND != 0;
        if (bound && authority.office() != office) revert WrongOffice(authority.office(), office);
        requireIndependent(c, authority.participant());
    }

    /// @dev Nobody decides a declaration of its own participant.
    function requireIndependent(Case storage c, uint64 participant) internal view {
        if (participant == c.importer || participant == c.declarant) {
            revert IDeclarationRegistry.OwnDeclaration(participant);
        }
    }

    /// @dev A key may not join duties that the law keeps apart on one case.
    function requireHandsFree(Case storage c, address actor, uint8 duty) internal view {
        if (c.hands[actor] & duty != 0) revert IDeclarationRegistry.SamePerson(actor);
    }

    /// @dev The importer itself, or a broker with a power of attorney of the importer's that covers `scope` now:
    ///      whoever lodged, the importer says who goes on in its name.
    function party(
        Sources calldata sources,
        Case storage c,
        address actor,
        uint32 scope
    ) internal view returns (uint64 participant) {
        AuthorityWord authority = sources.participants.authorise(actor, Roles.DECLARANT | Roles.BROKER);
        participant = authority.participant();
        uint64 importer = c.importer;
        if (participant == importer) return participant;
        if (authority.roles() & Roles.BROKER == 0) revert IDeclarationRegistry.NotParty(participant, importer);
        requireRepresents(sources, participant, importer, scope);
    }

    function requireRepresents(Sources calldata sources, uint64 broker, uint64 client, uint32 scope) internal view {
        if (!sources.authorisations.mayRepresent(broker, client, scope, uint40(block.timestamp))) {
            revert IDeclarationRegistry.NotRepresented(broker, client, scope);
        }
    }

    /// @dev An officer of the case's office, or a key for appeals of one above it: the office may have no officers.
    function officeOrAbove(Sources calldata sources, Case storage c, address actor) internal view {
        AuthorityWord authority = sources.participants.authorise(actor, Roles.CUSTOMS_OFFICER | Roles.CUSTOMS_APPEAL);
        (uint24 own, uint24 office) = (authority.office(), c.office);
        if (authority.roles() & Roles.CUSTOMS_OFFICER == 0 || own != office) {
            if (authority.roles() & Roles.CUSTOMS_APPEAL == 0) revert WrongOffice(own, office);
            if (!sources.participants.isHigherOffice(own, office)) revert NotHigherOffice(own, office);
        }
        requireIndependent(c, authority.participant());
    }

    /// @dev The carrier named at lodging, or an officer of the case's office.
    function carrierOrCustoms(Sources calldata sources, Case storage c, address actor) internal view {
        AuthorityWord authority = sources.participants.authorise(actor, Roles.CARRIER | Roles.CUSTOMS_OFFICER);
        if (authority.roles() & Roles.CARRIER != 0 && authority.participant() == c.carrier) return;
        if (authority.roles() & Roles.CUSTOMS_OFFICER == 0) {
            revert IDeclarationRegistry.NotParty(authority.participant(), c.carrier);
        }
        check(sources, c, actor, Roles.CUSTOMS_OFFICER);
    }

    /// @dev Where a confirmed fallback entry waits for the act that cites its paper.
    function readyKey(uint64 caseId, address officer, bytes4 act, bytes32 paper) internal pure returns (bytes32) {
        return keccak256(abi.encode(caseId, officer, act, paper));
    }

    /// @dev Uses up the confirmed entry that an act with reason FALLBACK needs, whoever does it.
    function useFallback(Store storage store, Act memory act) internal {
        bytes32 ready = readyKey(act.caseId, act.actor, act.selector, act.evidence);
        bytes32 key = store.readyFallbacks[ready];
        if (key == 0) revert IDeclarationRegistry.NoFallback(act.caseId, act.actor, act.selector);
        delete store.readyFallbacks[ready];
        Fallback storage entry = store.fallbacks[key];
        emit IDeclarationRegistry.FallbackUsed(
            act.caseId,
            act.actor,
            key,
            act.selector,
            entry.occurredAt,
            entry.confirmedBy
        );
    }
}
