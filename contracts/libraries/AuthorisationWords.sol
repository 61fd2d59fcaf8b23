// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Aeo, AeoState, ForeignAeo, Licence, LicenceState, Power} from "../types/Authorisation.sol";
import {DatedWord} from "./DatedWord.sol";

/// @title AuthorisationWords
/// @notice AEO authorisations, licences and powers of attorney, each in one {DatedWord}, so that asking costs one slot.
/// @dev From the low bit: from u40, until u40, then
///      AEO: state u8, categories u8, operatorTypes u8, barredUntil u40; licence: state u8; power: scope u32;
///      foreign AEO: country u16, categories u8, operatorTypes u8.
library AuthorisationWords {
    function period(uint40 from, uint40 until) private pure returns (uint256) {
        return uint256(from) | (uint256(until) << 40);
    }

    /// @notice Whether `instant` lies in the word's validity, both ends inclusive.
    function isInPeriod(uint256 word, uint256 instant) internal pure returns (bool) {
        return instant >= uint40(word) && instant <= uint40(word >> 40);
    }

    function packAeo(Aeo memory a) internal pure returns (uint256) {
        return
            period(a.from, a.until) |
            (uint256(a.state) << 80) |
            (uint256(a.categories) << 88) |
            (uint256(a.operatorTypes) << 96) |
            (uint256(a.barredUntil) << 104);
    }

    function unpackAeo(uint256 word) internal pure returns (Aeo memory) {
        return
            Aeo({
                state: AeoState(uint8(word >> 80)),
                categories: uint8(word >> 88),
                operatorTypes: uint8(word >> 96),
                from: uint40(word),
                until: uint40(word >> 40),
                barredUntil: uint40(word >> 104),
                version: DatedWord.version(word)
            });
    }

    function packLicence(Licence memory licence) internal pure returns (uint256) {
        return period(licence.from, licence.until) | (uint256(licence.state) << 80);
    }

    function unpackLicence(uint256 word) internal pure returns (Licence memory) {
        return
            Licence({
                state: LicenceState(uint8(word >> 80)),
                from: uint40(word),
                until: uint40(word >> 40),
                version: DatedWord.version(word)
            });
    }

    function packPower(Power memory p) internal pure returns (uint256) {
        return period(p.from, p.until) | (uint256(p.scope) << 80);
    }

    function unpackPower(uint256 word) internal pure returns (Power memory) {
        return
            Power({
                scope: uint32(word >> 80),
                from: uint40(word),
                until: uint40(word >> 40),
                version: DatedWord.version(word)
            });
    }

    function packForeign(ForeignAeo memory f) internal pure returns (uint256) {
        return
            period(f.from, f.until) |
            (uint256(uint16(f.country)) << 80) |
            (uint256(f.categories) << 96) |
            (uint256(f.operatorTypes) << 104);
    }

    function unpackForeign(uint256 word) internal pure returns (ForeignAeo memory) {
        return
            ForeignAeo({
                country: bytes2(uint16(word >> 80)),
                categories: uint8(word >> 96),
                operatorTypes: uint8(word >> 104),
                from: uint40(word),
                until: uint40(word >> 40),
                version: DatedWord.version(word)
            });
    }
}
