// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../interfaces/IDeclarationRegistry.sol";
import {AgencyDecision, DeclarationAct} from "../types/Declaration.sol";
import {Roles} from "../types/Roles.sol";
import {DeclarationAuthority} from "./DeclarationAuthority.sol";
import {Act, Case, DeclarationStore, Item, Sources, Store, StoredCheck} from "./DeclarationStore.sol";

/// @title AgencySuccession
/// @notice Checks that wait for a suspended agency go to the one that governance named in its place (domain guide 4.9).
///         Linked into a declaration registry.
library AgencySuccession {
    using DeclarationStore for Store;
    using DeclarationStore for Case;

    /// @notice See {IDeclarationRegistry.takeOverChecks}.
    function takeOver(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        uint64 agency,
        uint16 from,
        uint16 to
    ) external {
        Case storage c = store.find(act.caseId);
        uint64 successor = sources.participants.authorise(act.actor, Roles.OGA).participant();
        DeclarationAuthority.requireIndependent(c, successor);
        if (sources.participants.successorOf(agency) != successor) {
            revert IDeclarationRegistry.NotSuccessor(agency, successor);
        }
        uint32 revision = c.agencyRevisions[agency];
        DeclarationStore.requireRevision(act.expectedVersion, revision);
        c.requireIn(DeclarationAct.DECIDE_ITEMS);
        DeclarationStore.requireRange(from, to, c.itemCount);
        c.agencyRevisions[agency] = ++revision;
        ++c.agencyRevisions[successor];
        for (uint16 number = from; number <= to; ++number) {
            _takeOver(c, number, agency, successor);
        }
        emit IDeclarationRegistry.ChecksTakenOver(
            act.caseId,
            act.actor,
            agency,
            successor,
            revision,
            act.reason,
            act.evidence,
            from,
            to
        );
    }

    /// @dev What is decided for this version stays the old agency's. Under a code that the successor checks already one
    ///      check is enough; what the old agency held for this version it has to look at again.
    function _takeOver(Case storage c, uint16 number, uint64 agency, uint64 successor) private {
        Item storage item = c.items[number];
        uint16 version = c.version;
        uint8 count = item.checks;
        uint8 i;
        while (i < count) {
            StoredCheck storage check = c.checks[DeclarationStore.slotOf(number, i)];
            if (check.agency != agency || _isDecided(check, version)) {
                ++i;
                continue;
            }
            (bool has, StoredCheck storage own) = _own(c, number, count, successor, check.checkCode);
            if (has) {
                bool held = check.version == version && check.decision != AgencyDecision.PENDING;
                if (held && own.decision != AgencyDecision.REFUSE) own.decision = AgencyDecision.PENDING;
                --count;
                c.checks[DeclarationStore.slotOf(number, i)] = c.checks[DeclarationStore.slotOf(number, count)];
                delete c.checks[DeclarationStore.slotOf(number, count)];
            } else {
                check.agency = successor;
                ++i;
            }
        }
        if (item.checks != count) item.checks = count;
    }

    function _isDecided(StoredCheck storage check, uint16 version) private view returns (bool) {
        AgencyDecision decision = check.decision;
        return
            check.version == version &&
            (decision == AgencyDecision.RELEASE ||
                decision == AgencyDecision.NOT_REQUIRED ||
                decision == AgencyDecision.REFUSE);
    }

    /// @dev The successor's own check under the code; without one, `check` is the item's last.
    function _own(
        Case storage c,
        uint16 number,
        uint8 count,
        uint64 agency,
        uint16 checkCode
    ) private view returns (bool has, StoredCheck storage check) {
        check = c.checks[DeclarationStore.slotOf(number, 0)];
        for (uint8 i = 0; i < count; ++i) {
            check = c.checks[DeclarationStore.slotOf(number, i)];
            if (check.agency == agency && check.checkCode == checkCode) return (true, check);
        }
        return (false, check);
    }
}
