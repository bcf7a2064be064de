// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {MarketState} from "./MarketState.sol";
import {Settlement} from "./Settlement.sol";
import {TimeOfUse} from "./TimeOfUse.sol";

/// What meters delivered against what was traded, in money.
abstract contract MarketSettlement is MarketState {
    /// Settles the meters of an interval from a place on, at most so many; anybody may. A meter whose readings
    /// do not measure the interval yet is passed over until the deadline. A meter that was settled is settled
    /// again where its readings changed, and nothing else is touched. Returns how many were never settled.
    function settle(uint32 interval, uint256 from, uint256 count) external returns (uint256 left) {
        Clearing storage clearing = clearings[interval];
        require(clearing.phase == Phase.Cleared, "interval is not cleared");
        Rules storage by = rules[clearing.rules];
        uint64 endMs = startMs(interval + 1);
        require(nowMs() >= endMs, "interval is not over");
        require(nowMs() < endMs + by.keptMs, "interval is closed");
        Prices memory at = pricesOf(interval, clearing, by);
        bytes32[] storage meters = meterIds[interval];
        uint32 settled = clearing.settled;
        for (uint256 i = from; i < meters.length && i - from < count; i++) {
            if (settleMeter(interval, meters[i], at)) settled++;
        }
        clearing.settled = settled;
        return meters.length - settled;
    }

    struct Prices {
        uint64 trade;
        uint64 shortfall;
        uint64 surplus;
        uint32 deadlineMs;
        address balancing;
    }

    function pricesOf(uint32 interval, Clearing storage clearing, Rules storage by)
        private
        view
        returns (Prices memory)
    {
        uint256 version = clearing.rules;
        uint64 timeMs = startMs(interval);
        return Prices({
            trade: uint64(clearing.priceTick) * by.tick,
            shortfall: TimeOfUse.priceAt(shortfall[version], by.utcOffsetMinutes, timeMs),
            surplus: TimeOfUse.priceAt(surplus[version], by.utcOffsetMinutes, timeMs),
            deadlineMs: by.deadlineMs,
            balancing: by.balancing
        });
    }

    /// True where the meter was settled for the first time.
    function settleMeter(uint32 interval, bytes32 meter, Prices memory at) private returns (bool isFirst) {
        Position storage position = positions[interval][meter];
        (int256 metered, SettledState state) = deliveryOf(interval, meter, at.deadlineMs);
        if (state == SettledState.Open) return false;
        isFirst = position.state == SettledState.Open;
        if (!isFirst && position.state == state && position.meteredWh == metered) return false;
        int256 traded = position.tradedWh;
        int256 trade = Settlement.amount(traded, at.trade);
        int256 deviation = Settlement.deviation(traded, metered, at.shortfall, at.surplus);
        int256 change = trade + deviation - position.amount;
        (position.state, position.meteredWh, position.amount) = (state, int64(metered), int128(trade + deviation));
        post(position.owner, at.balancing, change);
        emit Settled(
            interval,
            meter,
            position.owner,
            int64(traded),
            int64(metered),
            int128(trade),
            int128(deviation),
            int128(change),
            state
        );
    }

    /// What somebody gets the balancing party gives: balances sum to zero after every posting.
    function post(address owner, address balancing, int256 change) private {
        int256 before = balanceOf[owner] + (owner == balancing ? int256(0) : balanceOf[balancing]);
        balanceOf[owner] += change;
        balanceOf[balancing] -= change;
        assert(before == balanceOf[owner] + (owner == balancing ? int256(0) : balanceOf[balancing]));
    }

    function deliveryOf(uint32 interval, bytes32 meter, uint32 deadlineMs)
        private
        view
        returns (int256 metered, SettledState state)
    {
        uint64 endMs = startMs(interval + 1);
        uint256 missing;
        uint256 estimated;
        (metered, missing, estimated) = REGISTRY.energy(meter, startMs(interval), endMs);
        if (metered > type(int56).max || metered < type(int56).min) (metered, missing) = (0, 1);
        if (missing + estimated == 0) return (metered, SettledState.Measured);
        if (nowMs() < endMs + deadlineMs) return (metered, SettledState.Open);
        return (metered, missing == 0 ? SettledState.Estimated : SettledState.Incomplete);
    }
}
