// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// Energy is whole Wh, money whole smallest units, a price smallest units per kWh; fixed point has six
/// decimals. Whatever does not come out even is rounded as the caller says. At 0x0b02.
library EnergyUnits {
    enum Rounding {
        Down,
        Up,
        /// A half goes up.
        Nearest
    }

    uint256 internal constant WH_PER_KWH = 1_000;
    /// One, in fixed point.
    uint256 internal constant ONE = 1_000_000;

    function fromKwh(uint256 kwh) public pure returns (uint256 wh) {
        return kwh * WH_PER_KWH;
    }

    function toKwh(uint256 wh, Rounding rounding) public pure returns (uint256 kwh) {
        return divided(wh, 1, WH_PER_KWH, rounding);
    }

    /// wh × pricePerKwh / 1000.
    function cost(uint256 wh, uint256 pricePerKwh, Rounding rounding) public pure returns (uint256) {
        return divided(wh, pricePerKwh, WH_PER_KWH, rounding);
    }

    /// Mean power in W over a time: wh × 3 600 000 / ms.
    function meanWatts(uint256 wh, uint256 ms, Rounding rounding) public pure returns (uint256) {
        return divided(wh, 3_600_000, ms, rounding);
    }

    /// a × b of two numbers in fixed point.
    function times(uint256 a, uint256 b, Rounding rounding) public pure returns (uint256) {
        return divided(a, b, ONE, rounding);
    }

    /// a ÷ b of two numbers in fixed point. Reverts where b is zero.
    function over(uint256 a, uint256 b, Rounding rounding) public pure returns (uint256) {
        return divided(a, ONE, b, rounding);
    }

    /// a × b ÷ divisor with all 512 bits in between. Reverts where it does not fit or the divisor is zero.
    function divided(uint256 a, uint256 b, uint256 divisor, Rounding rounding) internal pure returns (uint256) {
        uint256 down = Math.mulDiv(a, b, divisor);
        if (rounding == Rounding.Down) return down;
        uint256 rest = mulmod(a, b, divisor);
        if (rest == 0) return down;
        if (rounding == Rounding.Up) return down + 1;
        return rest >= divisor - rest ? down + 1 : down;
    }
}
