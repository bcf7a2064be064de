// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {CHANNEL_METERS} from "./Channel.sol";
import {MarketState} from "./MarketState.sol";

/// Orders come and go while the gate of their interval is open.
abstract contract MarketOrders is MarketState {
    /// What an owner of a meter wants. Quantity and price are signed so that what is negative is refused and
    /// not read as something large.
    struct Wanted {
        /// Chosen by the owner, for one order only.
        bytes32 clientId;
        bytes32 meter;
        uint32 interval;
        bool isBuy;
        int256 quantityWh;
        int256 price;
    }

    /// Places an order. The same owner, client id and content again is the same order and changes nothing.
    function placeOrder(Wanted calldata wanted) external returns (bytes32 id) {
        require(rules.length > 0, "market not open");
        id = keccak256(abi.encode(msg.sender, wanted.clientId));
        Clearing storage clearing = clearings[wanted.interval];
        uint256 version = clearing.phase == Phase.None ? rules.length - 1 : clearing.rules;
        Rules storage by = rules[version];
        if (orders[id].state != OrderState.None) {
            require(isSame(orders[id], wanted, by.tick), "client id is taken");
            return id;
        }
        uint16 tick = checkedTick(wanted, by);
        require(clearing.phase <= Phase.Open, "interval is cleared");
        requireOpen(wanted.interval, by);
        require(REGISTRY.ownerOf(wanted.meter) == msg.sender, "not your meter");
        if (clearing.phase == Phase.None) {
            clearing.phase = Phase.Open;
            clearing.rules = uint16(version);
        }
        enterOrder(id, wanted, tick, by.maxOrders);
    }

    function isSame(Order storage known, Wanted calldata wanted, uint64 tick) private view returns (bool) {
        return known.interval == wanted.interval && known.isBuy == wanted.isBuy
            && meterIds[wanted.interval][known.position] == wanted.meter
            && int256(uint256(known.quantityWh)) == wanted.quantityWh
            && int256(uint256(known.tick) * tick) == wanted.price;
    }

    function checkedTick(Wanted calldata wanted, Rules storage by) private view returns (uint16) {
        require(wanted.quantityWh > 0, "quantity must be above zero");
        require(wanted.quantityWh <= int256(uint256(by.maxQuantityWh)), "quantity above the limit");
        require(wanted.price >= 0, "price below zero");
        require(wanted.price % int256(uint256(by.tick)) == 0, "price between two ticks");
        uint256 tick = uint256(wanted.price) / by.tick;
        require(tick < by.ticks, "price above the limit");
        return uint16(tick);
    }

    function enterOrder(bytes32 id, Wanted calldata wanted, uint16 tick, uint16 maxOrders) private {
        uint32 interval = wanted.interval;
        uint48 quantity = uint48(uint256(wanted.quantityWh));
        uint32 place = enter(interval, wanted.meter, maxOrders);
        orders[id] = Order(interval, place, quantity, 0, tick, wanted.isBuy, OrderState.Open);
        orderIds[interval].push(id);
        Bucket storage bucket = buckets[interval][tick];
        if (wanted.isBuy) bucket.buyWh += quantity;
        else bucket.sellWh += quantity;
        emit OrderPlaced(
            interval,
            id,
            msg.sender,
            wanted.meter,
            wanted.clientId,
            wanted.isBuy,
            quantity,
            uint64(uint256(wanted.price))
        );
    }

    /// Takes an order back while the gate is open. Again changes nothing.
    function cancelOrder(bytes32 clientId) external {
        bytes32 id = keccak256(abi.encode(msg.sender, clientId));
        Order storage order = orders[id];
        require(order.state != OrderState.None, "no such order");
        if (order.state == OrderState.Cancelled) return;
        uint32 interval = order.interval;
        Clearing storage clearing = clearings[interval];
        require(clearing.phase == Phase.Open, "interval is cleared");
        requireOpen(interval, rules[clearing.rules]);
        order.state = OrderState.Cancelled;
        Bucket storage bucket = buckets[interval][order.tick];
        if (order.isBuy) bucket.buyWh -= order.quantityWh;
        else bucket.sellWh -= order.quantityWh;
        positions[interval][meterIds[interval][order.position]].orders--;
        emit OrderCancelled(interval, id, msg.sender);
    }

    function requireOpen(uint32 interval, Rules storage by) private view {
        uint64 closes = gateMs(interval, by);
        require(nowMs() < closes, "gate is closed");
        uint64 horizonMs = uint64(by.horizon) * uint64(CHANNEL_METERS.meterInterval());
        require(closes - nowMs() <= horizonMs, "interval too far ahead");
    }

    /// The meter's place in the interval; it gets one with its first order.
    function enter(uint32 interval, bytes32 meter, uint16 maxOrders) private returns (uint32 place) {
        Position storage position = positions[interval][meter];
        if (position.owner == address(0)) {
            position.owner = msg.sender;
            position.place = uint32(meterIds[interval].length);
            meterIds[interval].push(meter);
        }
        require(position.owner == msg.sender, "meter changed hands");
        require(position.orders < maxOrders, "too many orders");
        position.orders++;
        return position.place;
    }
}
