// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Life of an AEO authorisation (domain guide 4.6). Expiry is computed, never a state.
enum AeoState {
    NONE,
    APPLIED,
    IN_REVIEW,
    ACTIVE,
    REFUSED,
    SUSPENDED,
    REVOKED,
    WITHDRAWN
}

/// @notice Life of a broker's licence.
enum LicenceState {
    NONE,
    ACTIVE,
    SUSPENDED,
    REVOKED
}

/// @notice An operator's AEO authorisation.
/// @param state State.
/// @param categories Bits of domain guide 3.10: 0 green lane … 5 pilot.
/// @param operatorTypes One bit per type: 0 importer, 1 exporter, 2 manufacturer, 3 broker, 4 carrier,
///        5 warehouse keeper, 6 terminal, 7 forwarder.
/// @param from First second of its validity [unix s].
/// @param until Last second of its validity [unix s].
/// @param barredUntil Last second before which the operator may not apply again [unix s]; 0 if not barred.
/// @param version Number of changes.
struct Aeo {
    AeoState state;
    uint8 categories;
    uint8 operatorTypes;
    uint40 from;
    uint40 until;
    uint40 barredUntil;
    uint32 version;
}

/// @notice A broker's licence, valid at every office.
struct Licence {
    LicenceState state;
    uint40 from;
    uint40 until;
    uint32 version;
}

/// @notice A client's power of attorney for one broker.
/// @param scope Bits: 1 lodge and correct, 2 pay, 4 claim and appeal; 0 when revoked.
struct Power {
    uint32 scope;
    uint40 from;
    uint40 until;
    uint32 version;
}

/// @notice An operator authorised abroad under a mutual recognition arrangement.
/// @param country Issuing country, ISO 3166-1 alpha-2.
/// @param categories Benefits mapped to the bits of domain guide 3.10; 0 when ended.
/// @param operatorTypes As in {Aeo}.
struct ForeignAeo {
    bytes2 country;
    uint8 categories;
    uint8 operatorTypes;
    uint40 from;
    uint40 until;
    uint32 version;
}
