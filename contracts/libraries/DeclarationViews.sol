// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PermitUse} from "../interfaces/IPermitUse.sol";
import {
    Check,
    DeclarationState,
    DeclarationStatus,
    DeclarationVersion,
    ItemOutcome,
    ItemState
} from "../types/Declaration.sol";
import {DeclarationAcceptance} from "./DeclarationAcceptance.sol";
import {Case, DeclarationStore, Item, Store, StoredCheck} from "./DeclarationStore.sol";
import {MrnCodec} from "./MrnCodec.sol";
import {PermitRuns} from "./PermitRuns.sol";

/// @title DeclarationViews
/// @notice What a declaration registry tells its readers. Linked into a declaration registry.
library DeclarationViews {
    using DeclarationStore for Store;
    using DeclarationStore for Case;

    /// @notice See {IDeclarationRegistry.state}.
    function state(
        Store storage store,
        uint64 caseId,
        bytes2 country
    ) external view returns (DeclarationState memory s) {
        Case storage c = store.find(caseId);
        s.status = c.status;
        s.control = c.control;
        s.controlKind = c.controlKind;
        s.request = c.request;
        s.representation = c.representation();
        s.irregularityNotified = c.irregularity;
        s.version = c.version;
        s.revision = c.revision;
        s.controlRevision = c.controlRevision;
        s.goodsRevision = c.goodsRevision;
        s.mrn = DeclarationAcceptance.mrnOf(c, country, caseId);
        s.declarant = c.declarant;
        s.importer = c.importer;
        s.carrier = c.carrier;
        s.office = c.office;
        s.regime = c.regime;
        s.officer = c.officer;
        s.controlledBy = c.controlledBy;
        s.lodgedAt = c.lodgedAt;
        s.acceptedAt = c.acceptedAt;
        s.arrivedAt = c.arrivedAt;
        s.exitedAt = c.exitedAt;
        s.releasedAt = c.releasedAt;
        s.decisionsExpireAt = c.decisionsExpireAt;
        s.ruleVersion = c.ruleVersion;
        s.itemCount = c.itemCount;
        s.entered = c.entered;
        s.openItems = c.openItems;
        s.conditionalItems = c.conditionalItems;
        s.deniedItems = c.deniedItems;
        s.pendingItems = c.pendingItems;
        s.returnedItems = c.returnedItems;
        s.dataIncomplete = c.facts & DeclarationStore.INCOMPLETE != 0;
        s.openAppeals = c.openAppeals;
        s.foreignAeo = c.foreignAeo;
        s.wasReleased = c.wasReleased;
    }

    /// @notice See {IDeclarationRegistry.caseOf}.
    function caseOf(
        Store storage store,
        bytes18 mrn,
        uint8 registryVersion,
        bytes2 country
    ) public view returns (uint64) {
        uint64 caseId = (uint64(registryVersion) << 56) | MrnCodec.counterOf(mrn);
        return mrn != 0 && DeclarationAcceptance.mrnOf(store.cases[caseId], country, caseId) == mrn ? caseId : 0;
    }

    /// @notice See {IReleaseSource.releasedAt}.
    function releasedAt(
        Store storage store,
        bytes18 mrn,
        uint8 registryVersion,
        bytes2 country
    ) external view returns (uint40) {
        Case storage c = store.cases[caseOf(store, mrn, registryVersion, country)];
        return c.status == DeclarationStatus.INVALIDATED ? 0 : c.releasedAt;
    }

    /// @notice See {IDeclarationRegistry.versionOf}.
    function versionOf(
        Store storage store,
        uint64 caseId,
        uint16 version
    ) external view returns (DeclarationVersion memory made) {
        Case storage c = store.find(caseId);
        // Version 1 is what was lodged, at the instant of acceptance: it is not stored twice.
        if (version == 1 && c.version != 0) return DeclarationVersion(c.versions[0].dataRecord, c.acceptedAt, false);
        made = c.versions[version];
        if (version == 0) made.madeAt = c.lodgedAt;
    }

    /// @notice See {IDeclarationRegistry.item}.
    function item(Store storage store, uint64 caseId, uint16 number) external view returns (ItemState memory) {
        Case storage c = store.find(caseId);
        DeclarationStore.requireRange(number, number, c.itemCount);
        Item storage i = c.items[number];
        uint16 entered = i.enteredVersion == 0 && number <= c.entered ? 1 : i.enteredVersion;
        return
            ItemState({
                outcome: i.outcome,
                courtHold: i.courtHold,
                pending: c.isPending(number),
                enteredVersion: entered,
                permitVersion: i.permitVersion,
                checks: i.checks,
                uses: i.uses,
                conditional: i.outcome == ItemOutcome.CONDITIONALLY_RELEASED || i.conditional
            });
    }

    /// @notice See {IDeclarationRegistry.checks}.
    function checks(Store storage store, uint64 caseId, uint16 number) external view returns (Check[] memory list) {
        Case storage c = store.find(caseId);
        DeclarationStore.requireRange(number, number, c.itemCount);
        list = new Check[](c.items[number].checks);
        for (uint256 i = 0; i < list.length; ++i) {
            StoredCheck storage stored = c.checks[DeclarationStore.slotOf(number, i)];
            list[i] = Check(stored.agency, stored.checkCode, stored.decision, stored.version, stored.validUntil);
        }
    }

    /// @notice See {IDeclarationRegistry.permitUses}.
    function permitUses(Store storage store, uint64 caseId, uint16 number) external view returns (PermitUse[] memory) {
        Case storage c = store.find(caseId);
        DeclarationStore.requireRange(number, number, c.itemCount);
        return PermitRuns.ofItem(c, number);
    }
}
