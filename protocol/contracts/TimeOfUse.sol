// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// A price that depends on the time of the day. At 0x0b03.
library TimeOfUse {
    /// From this minute of the day on, until the next band begins.
    struct Band {
        uint16 fromMinute;
        /// Smallest units per kWh.
        uint64 price;
    }

    uint256 internal constant MINUTES_A_DAY = 1_440;
    uint256 internal constant MAX_BANDS = 24;
    uint256 internal constant MAX_PRICE = 1e12;
    int256 private constant MINUTE_MS = 60_000;

    /// Reverts unless the bands begin at midnight, ascend, and are at most 24.
    function check(Band[] memory bands) public pure {
        require(bands.length > 0 && bands.length <= MAX_BANDS, "tariff: 1 to 24 bands");
        require(bands[0].fromMinute == 0, "tariff: starts at midnight");
        for (uint256 i = 0; i < bands.length; i++) {
            require(bands[i].price <= MAX_PRICE, "tariff: price too high");
            require(bands[i].fromMinute < MINUTES_A_DAY, "tariff: minute of the day");
            require(i == 0 || bands[i].fromMinute > bands[i - 1].fromMinute, "tariff: bands ascend");
        }
    }

    /// The price at a time (Unix ms), for a place whose clock is this many minutes ahead of UTC.
    function priceAt(Band[] memory bands, int16 utcOffsetMinutes, uint64 timeMs) public pure returns (uint64 price) {
        int256 minutes_ = int256(uint256(timeMs)) / MINUTE_MS + utcOffsetMinutes;
        uint256 minute = minutes_ < 0 ? 0 : uint256(minutes_) % MINUTES_A_DAY;
        for (uint256 i = 0; i < bands.length && bands[i].fromMinute <= minute; i++) {
            price = bands[i].price;
        }
    }
}
