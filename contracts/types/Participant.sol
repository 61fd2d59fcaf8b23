// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Standing of a participant. RETIRED is the end.
enum ParticipantStatus {
    NONE,
    ACTIVE,
    SUSPENDED,
    RETIRED
}

/// @notice A participant as admitted by governance. Names stay off the chain.
/// @param status Standing; only ACTIVE lets its keys act.
/// @param roles Mask: no key of the participant has a role outside it.
/// @param supervisor Participant that may act on this one's documents beside itself; 0 if none.
/// @param since Instant of the last change [unix s].
/// @param version Number of changes, from 1.
/// @param profile SHA-256 of the profile (a JCS object kept off chain: name, tax id, DID, contacts).
struct Participant {
    ParticipantStatus status;
    uint32 roles;
    uint64 supervisor;
    uint40 since;
    uint32 version;
    bytes32 profile;
}

/// @notice A registered key, unpacked from its word (layout in {KeyWord}).
/// @param participant In whose name the key acts; 0 if the key is not registered.
/// @param validFrom First second at which it may act [unix s].
/// @param validUntil Last second at which it may act [unix s].
/// @param blockedFrom First second from which it may not act whatever its validity; 0 if it is not blocked.
/// @param roles Bits of {Roles}.
/// @param office Customs office; 0 for keys that belong to none.
/// @param flags Bit 0 compromised (for ever), bit 1 blocked by its participant's suspension, bit 2 retired.
struct KeyRecord {
    uint64 participant;
    uint40 validFrom;
    uint40 validUntil;
    uint40 blockedFrom;
    uint32 roles;
    uint24 office;
    uint16 flags;
}

/// @notice A participant's right to anchor one document type.
/// @param from First second [unix s].
/// @param until Last second [unix s].
/// @param blockedFrom First second from which it is withdrawn; 0 if it is not.
struct Accreditation {
    uint40 from;
    uint40 until;
    uint40 blockedFrom;
}
