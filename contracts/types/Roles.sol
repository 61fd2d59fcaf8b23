// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Roles
/// @notice What a registered key may do in its participant's name, one bit each (domain guide, section 5).
/// @dev Bits are frozen: they stand in the packed key word and in every event that carries it.
library Roles {
    /// @notice Trader: lodges, requests amendment or cancellation, applies, pays, claims, appeals.
    uint32 internal constant DECLARANT = 1 << 0;
    /// @notice Acts as declarant within a power of attorney.
    uint32 internal constant BROKER = 1 << 1;
    /// @notice Carrier or holder of a transit procedure: confirms arrival.
    uint32 internal constant CARRIER = 1 << 2;
    /// @notice Offers and tops up guarantees.
    uint32 internal constant GUARANTOR = 1 << 3;
    /// @notice Accepts, rejects, decides requests and releases, within its own office.
    uint32 internal constant CUSTOMS_OFFICER = 1 << 4;
    /// @notice Routes: sets whether and how a declaration is controlled.
    uint32 internal constant CUSTOMS_RISK = 1 << 5;
    /// @notice Records control results.
    uint32 internal constant CUSTOMS_INSPECTOR = 1 << 6;
    /// @notice Assesses, accepts security, calls guarantees, decides and pays refunds.
    uint32 internal constant CUSTOMS_REVENUE = 1 << 7;
    /// @notice Mints and redeems the settlement token.
    uint32 internal constant TREASURY = 1 << 8;
    /// @notice Opens and closes post-clearance audits.
    uint32 internal constant CUSTOMS_AUDIT = 1 << 9;
    /// @notice Grants, suspends and revokes AEO authorisations.
    uint32 internal constant AEO_UNIT = 1 << 10;
    /// @notice Other government agency: issues its permits and decides goods items.
    uint32 internal constant OGA = 1 << 11;
    /// @notice Chamber: issues certificates of origin.
    uint32 internal constant CHAMBER = 1 << 12;
    /// @notice Issues transferable records.
    uint32 internal constant CARRIER_ISSUER = 1 << 13;
    /// @notice Reads every act.
    uint32 internal constant AUDITOR = 1 << 14;
    /// @notice Registers and retires keys of its own participant, within the participant's mask.
    uint32 internal constant REGISTRAR = 1 << 15;
    /// @notice May anchor documents in its participant's name (a person's key).
    uint32 internal constant ISSUER = 1 << 16;
    /// @notice Customs officer of a higher office: decides appeals.
    uint32 internal constant CUSTOMS_APPEAL = 1 << 17;
    /// @notice Customs key that licenses brokers.
    uint32 internal constant CUSTOMS_LICENSING = 1 << 18;
    /// @notice Service key: anchors documents of the types its participant is accredited for.
    uint32 internal constant SERVICE_ANCHOR = 1 << 24;
    /// @notice Service key: releases what has control NONE and every guard satisfied.
    uint32 internal constant SERVICE_AUTO_RELEASE = 1 << 25;

    /// @notice Service key: rejects what the published rules of structure and codes refuse.
    uint32 internal constant SERVICE_REJECT = 1 << 26;

    /// @notice Roles whose key may anchor.
    uint32 internal constant ANY_ANCHOR = ISSUER | SERVICE_ANCHOR;
    /// @notice Purpose bits of service keys, now and later. A key holds either these or personal roles.
    uint32 internal constant ANY_SERVICE = 0xFF << 24;

    /// @notice Roles of one key of which one may not do what the other may (domain guide, section 5: "may not"); 0 if
    ///         none.
    /// @dev What a role may not do in the same case (risk and inspection or release; review and approval) is held
    ///      there.
    function clashOf(uint32 roles) internal pure returns (uint32) {
        if (roles & AUDITOR != 0 && roles != AUDITOR) return roles;
        if (_both(roles, CUSTOMS_AUDIT | CUSTOMS_OFFICER)) return CUSTOMS_AUDIT | CUSTOMS_OFFICER;
        if (_both(roles, CUSTOMS_INSPECTOR | CUSTOMS_REVENUE)) return CUSTOMS_INSPECTOR | CUSTOMS_REVENUE;
        if (_both(roles, TREASURY | CUSTOMS_REVENUE)) return TREASURY | CUSTOMS_REVENUE;
        return 0;
    }

    function _both(uint32 roles, uint32 pair) private pure returns (bool) {
        return roles & pair == pair;
    }
}
