// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {MarketState} from "./MarketState.sol";
import {Settlement} from "./Settlement.sol";

/// One price for all orders of an interval.
abstract contract MarketClearing is MarketState {
    /// Clears an interval whose gate has closed, at most so many orders at a time; anybody may. The first call
    /// finds the price. Returns how many orders are left.
    function clear(uint32 interval, uint256 maxOrders) external returns (uint256 left) {
        Clearing storage clearing = clearings[interval];
        require(clearing.phase != Phase.None, "no orders");
        if (clearing.phase == Phase.Cleared) return 0;
        require(maxOrders > 0, "clear at least one order");
        Rules storage by = rules[clearing.rules];
        if (clearing.phase == Phase.Open) {
            require(nowMs() >= gateMs(interval, by), "gate is open");
            findPrice(interval, clearing, by);
            clearing.phase = Phase.Filling;
        }
        bytes32[] storage ids = orderIds[interval];
        uint256 end = clearing.nextOrder + maxOrders;
        if (end > ids.length) end = ids.length;
        fill(interval, ids, clearing, end, uint64(clearing.priceTick) * by.tick);
        if (end == ids.length) {
            clearing.phase = Phase.Cleared;
            // Everything bought was sold, to the last Wh.
            assert(clearing.buySeenWh == clearing.buyMarginWh && clearing.sellSeenWh == clearing.sellMarginWh);
        }
        return ids.length - end;
    }

    /// The price at which most is traded; among several the middle, rounded down. Buckets make it a scan.
    function findPrice(uint32 interval, Clearing storage clearing, Rules storage by) private {
        (uint256[] memory buys, uint256[] memory sells) = load(interval, by.ticks);
        (uint256 demand, uint256 supply) = (total(buys), total(sells));
        (uint256 price, uint256 volume) = crossing(buys, sells, demand);
        clearing.priceTick = uint16(price);
        clearing.volumeWh = uint64(volume);
        if (volume > 0) setMargins(clearing, buys, sells, volume);
        emit IntervalCleared(interval, uint64(price) * by.tick, uint64(volume), uint64(demand), uint64(supply));
    }

    function load(uint32 interval, uint256 ticks)
        private
        view
        returns (uint256[] memory buys, uint256[] memory sells)
    {
        (buys, sells) = (new uint256[](ticks), new uint256[](ticks));
        for (uint256 tick = 0; tick < ticks; tick++) {
            Bucket storage bucket = buckets[interval][tick];
            (buys[tick], sells[tick]) = (bucket.buyWh, bucket.sellWh);
        }
    }

    function total(uint256[] memory quantities) private pure returns (uint256 sum) {
        for (uint256 i = 0; i < quantities.length; i++) sum += quantities[i];
    }

    /// Zero where nothing is traded.
    function crossing(uint256[] memory buys, uint256[] memory sells, uint256 demand)
        private
        pure
        returns (uint256 price, uint256 volume)
    {
        (uint256 supply, uint256 above, uint256 lowest, uint256 highest) = (0, demand, 0, 0);
        for (uint256 tick = 0; tick < buys.length; tick++) {
            supply += sells[tick];
            uint256 traded = supply < above ? supply : above;
            if (traded > volume) (volume, lowest, highest) = (traded, tick, tick);
            else if (traded == volume) highest = tick;
            above -= buys[tick];
        }
        price = volume == 0 ? 0 : (lowest + highest) / 2;
    }

    /// The best prices trade first, on both sides; at the worst that still trades, orders share what is left.
    function setMargins(Clearing storage clearing, uint256[] memory buys, uint256[] memory sells, uint256 volume)
        private
    {
        uint256 left = volume;
        uint256 tick = buys.length - 1;
        while (buys[tick] < left) left -= buys[tick--];
        (clearing.lastBuyTick, clearing.buyShareWh, clearing.buyMarginWh) =
            (uint16(tick), uint64(left), uint64(buys[tick]));
        (left, tick) = (volume, 0);
        while (sells[tick] < left) left -= sells[tick++];
        (clearing.lastSellTick, clearing.sellShareWh, clearing.sellMarginWh) =
            (uint16(tick), uint64(left), uint64(sells[tick]));
    }

    function fill(uint32 interval, bytes32[] storage ids, Clearing storage clearing, uint256 end, uint64 price)
        private
    {
        Clearing memory at = clearing;
        for (uint256 i = at.nextOrder; i < end; i++) {
            Order memory order = orders[ids[i]];
            if (order.state != OrderState.Open) continue;
            uint48 filled = at.volumeWh == 0 ? 0 : filledOf(order, at);
            (order.filledWh, order.state) = (filled, OrderState.Cleared);
            orders[ids[i]] = order;
            Position storage position = positions[interval][meterIds[interval][order.position]];
            if (filled > 0) position.tradedWh += order.isBuy ? int64(uint64(filled)) : -int64(uint64(filled));
            emit OrderCleared(interval, ids[i], position.owner, order.isBuy, filled, price);
        }
        clearing.nextOrder = uint32(end);
        (clearing.buySeenWh, clearing.sellSeenWh) = (at.buySeenWh, at.sellSeenWh);
    }

    function filledOf(Order memory order, Clearing memory at) private pure returns (uint48) {
        uint64 quantity = order.quantityWh;
        if (order.isBuy) {
            if (order.tick != at.lastBuyTick) return order.tick > at.lastBuyTick ? order.quantityWh : 0;
            uint64 seen = at.buySeenWh;
            at.buySeenWh = seen + quantity;
            return uint48(Settlement.share(seen, quantity, at.buyShareWh, at.buyMarginWh));
        }
        if (order.tick != at.lastSellTick) return order.tick < at.lastSellTick ? order.quantityWh : 0;
        uint64 before = at.sellSeenWh;
        at.sellSeenWh = before + quantity;
        return uint48(Settlement.share(before, quantity, at.sellShareWh, at.sellMarginWh));
    }
}
