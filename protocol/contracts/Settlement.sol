// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {EnergyUnits} from "./EnergyUnits.sol";

/// The arithmetic of who pays what. Energy is signed: taken from the grid is positive, given is negative.
/// Amounts are signed: what somebody is owed is positive. Every amount is rounded down, towards minus
/// infinity: against whom it is owed to, so that no rounding ever makes money. At 0x0b04.
library Settlement {
    /// What somebody is owed for energy at a price: -wh × pricePerKwh / 1000, rounded down.
    function amount(int256 wh, uint256 pricePerKwh) public pure returns (int256) {
        if (wh > 0) {
            uint256 due = EnergyUnits.divided(
                uint256(wh), pricePerKwh, EnergyUnits.WH_PER_KWH, EnergyUnits.Rounding.Up
            );
            return -SafeCast.toInt256(due);
        }
        uint256 owed = EnergyUnits.divided(
            SafeCast.toUint256(-wh), pricePerKwh, EnergyUnits.WH_PER_KWH, EnergyUnits.Rounding.Down
        );
        return SafeCast.toInt256(owed);
    }

    /// What a deviation from what was traded is worth: more taken (or less given) than traded is bought at
    /// `shortfallPrice`, less taken (or more given) is sold at `surplusPrice`.
    function deviation(int256 tradedWh, int256 meteredWh, uint256 shortfallPrice, uint256 surplusPrice)
        public
        pure
        returns (int256)
    {
        int256 wh = meteredWh - tradedWh;
        return amount(wh, wh > 0 ? shortfallPrice : surplusPrice);
    }

    /// One share of `available` among quantities that come one after the other and sum to `total`. `before`
    /// is the sum of those that came before. Shares sum to `available` to the last unit; none is more than
    /// its quantity, and each is within one unit of its exact part.
    function share(uint256 before, uint256 quantity, uint256 available, uint256 total)
        public
        pure
        returns (uint256)
    {
        require(available <= total && before + quantity <= total, "share: more than all");
        if (total == 0) return 0;
        return Math.mulDiv(before + quantity, available, total) - Math.mulDiv(before, available, total);
    }
}
