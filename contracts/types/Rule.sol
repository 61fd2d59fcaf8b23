// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What a customs procedure asks for, whatever the goods (domain guide 3.5).
/// @param open Whether new declarations may use it; all zero otherwise means "never set".
/// @param procedure Procedure letter of the MRN, one ASCII capital.
/// @param needsArrival Release waits for the confirmation of arrival (import).
/// @param needsExit Clearance waits for the exit of the goods (export).
/// @param paysDuty A debt must be assessed and settled or covered before release.
/// @param needsSecurity Release waits for security even when nothing is due yet (transit, temporary import); what was
///        paid all the same counts as given.
/// @param appealPeriod Time in which a refusal may be appealed [s].
/// @param retention Time for which documents of a case must be kept [s].
/// @param timeLimit Time in which the procedure must be ended [s]; 0 if it has no limit.
struct Regime {
    bool open;
    bytes1 procedure;
    bool needsArrival;
    bool needsExit;
    bool paysDuty;
    bool needsSecurity;
    uint40 appealPeriod;
    uint40 retention;
    uint40 timeLimit;
}

/// @notice One agency that must decide a goods item.
/// @param agency Participant.
/// @param checkCode What it checks, from a national code list; the same agency may stand under several codes.
struct AgencyCheck {
    uint64 agency;
    uint16 checkCode;
}

/// @notice What a commodity group asks for beside its regime.
/// @param needsPayment A debt must be settled or covered although the regime asks for none.
/// @param needsSecurity Security is needed although the regime asks for none.
/// @param checks Agencies that must decide, at most 16, ordered by (agency, checkCode), no doubles.
/// @param permitTypes Document types of the permits that must be cited, at most 16, ascending, no doubles.
struct Rule {
    bool needsPayment;
    bool needsSecurity;
    AgencyCheck[] checks;
    uint24[] permitTypes;
}
