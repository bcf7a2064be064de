// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {CHANNEL_METERS} from "./Channel.sol";
import {ChannelRoles} from "./ChannelRoles.sol";
import {MeterRegistry} from "./MeterRegistry.sol";
import {Settlement} from "./Settlement.sol";
import {TimeOfUse} from "./TimeOfUse.sol";

/// The energy market (guide §3.2). Owners of meters order energy for one metered interval; when its gate
/// closes all orders are cleared at one price; when it is over, each meter's signed readings settle it.
/// Time is the block's. Nothing here calls code that the channel's genesis did not bring, so nothing can
/// come back in the middle. At 0x0b10; docs/market.md says the rules in words.
contract EnergyMarket {
    /// Declared by the operator; every interval is traded and settled by those in force when it got its
    /// first order.
    struct Rules {
        /// Smallest units per kWh between two prices.
        uint64 tick;
        /// Prices are 0, tick, … (ticks - 1) × tick.
        uint16 ticks;
        /// Orders of one meter for one interval.
        uint16 maxOrders;
        /// Of one order.
        uint48 maxQuantityWh;
        /// Orders end this long before the interval begins.
        uint32 gateMs;
        /// How many intervals ahead orders may be.
        uint32 horizon;
        /// So long after its end an interval waits for readings that are missing or estimated.
        uint32 deadlineMs;
        /// So long after its end an interval is kept and settled again where readings changed.
        uint64 keptMs;
        int16 utcOffsetMinutes;
        /// Buys what was given too much, sells what was missing, and takes what rounding leaves.
        address balancing;
    }

    struct Order {
        uint32 interval;
        /// Place of the meter in the interval.
        uint32 position;
        uint48 quantityWh;
        uint48 filledWh;
        uint16 tick;
        bool isBuy;
        OrderState state;
    }

    /// What a meter has to do with an interval.
    struct Position {
        address owner;
        /// Bought less sold.
        int64 tradedWh;
        uint16 orders;
        SettledState state;
        /// What its readings say it took less what it gave.
        int64 meteredWh;
        /// What it is owed for the interval, trade and deviation together.
        int128 amount;
        /// Place among the meters of the interval.
        uint32 place;
    }

    struct Clearing {
        /// Place in `rules`.
        uint16 rules;
        Phase phase;
        uint16 priceTick;
        /// The worst price that trades; orders at it share what is left.
        uint16 lastBuyTick;
        uint16 lastSellTick;
        uint32 nextOrder;
        uint32 settled;
        uint64 volumeWh;
        /// At the margin: what is shared, among how much, and how much of that has come by already.
        uint64 buyShareWh;
        uint64 buyMarginWh;
        uint64 buySeenWh;
        uint64 sellShareWh;
        uint64 sellMarginWh;
        uint64 sellSeenWh;
    }

    struct Bucket {
        uint128 buyWh;
        uint128 sellWh;
    }

    enum OrderState {
        None,
        Open,
        Cancelled,
        Cleared
    }
    enum Phase {
        None,
        Open,
        Filling,
        Cleared
    }
    enum SettledState {
        Open,
        /// By readings that measure both ends of the interval.
        Measured,
        /// The deadline passed; an end of the interval lies between readings far apart.
        Estimated,
        /// The deadline passed; of the interval only what is proven counts.
        Incomplete
    }

    uint256 private constant MAX_TICKS = 512;
    MeterRegistry private constant REGISTRY = MeterRegistry(address(0x0b05));

    mapping(address owner => int256) public balanceOf;
    Rules[] private rules;
    mapping(uint256 version => TimeOfUse.Band[]) private shortfall;
    mapping(uint256 version => TimeOfUse.Band[]) private surplus;
    mapping(bytes32 id => Order) private orders;
    mapping(uint32 interval => Clearing) private clearings;
    mapping(uint32 interval => bytes32[]) private orderIds;
    mapping(uint32 interval => bytes32[]) private meterIds;
    mapping(uint32 interval => mapping(bytes32 meter => Position)) private positions;
    mapping(uint32 interval => mapping(uint256 tick => Bucket)) private buckets;

    event RulesDeclared(uint16 indexed version, Rules rules, TimeOfUse.Band[] shortfall, TimeOfUse.Band[] surplus);
    event OrderPlaced(
        uint32 indexed interval,
        bytes32 indexed id,
        address indexed owner,
        bytes32 meter,
        bytes32 clientId,
        bool isBuy,
        uint48 quantityWh,
        uint64 price
    );
    event OrderCancelled(uint32 indexed interval, bytes32 indexed id, address indexed owner);
    event OrderCleared(
        uint32 indexed interval, bytes32 indexed id, address indexed owner, bool isBuy, uint48 filledWh, uint64 price
    );
    event IntervalCleared(uint32 indexed interval, uint64 price, uint64 volumeWh, uint64 demandWh, uint64 supplyWh);
    event Settled(
        uint32 indexed interval,
        bytes32 indexed meter,
        address indexed owner,
        int64 tradedWh,
        int64 meteredWh,
        int128 tradeAmount,
        int128 deviationAmount,
        int128 change,
        SettledState state
    );
    event IntervalForgotten(uint32 indexed interval);

    // Rules

    function declareRules(
        Rules calldata declared,
        TimeOfUse.Band[] calldata shortfallTariff,
        TimeOfUse.Band[] calldata surplusTariff
    ) external {
        ChannelRoles.requireRole(ChannelRoles.OPERATOR, msg.sender);
        require(declared.ticks > 0 && declared.ticks <= MAX_TICKS, "rules: 1 to 512 ticks");
        require(declared.tick > 0, "rules: tick is zero");
        require(uint256(declared.tick) * declared.ticks <= TimeOfUse.MAX_PRICE, "rules: price too high");
        require(declared.maxOrders > 0 && declared.maxQuantityWh > 0, "rules: a limit is zero");
        require(declared.maxQuantityWh <= 1e9, "rules: quantity too large");
        require(declared.horizon > 0, "rules: no interval ahead");
        require(declared.balancing != address(0), "rules: no balancing party");
        require(declared.keptMs > declared.deadlineMs, "rules: forgets before it settles");
        require(rules.length < type(uint16).max, "rules: too many");
        TimeOfUse.check(shortfallTariff);
        TimeOfUse.check(surplusTariff);
        uint256 version = rules.length;
        rules.push(declared);
        for (uint256 i = 0; i < shortfallTariff.length; i++) shortfall[version].push(shortfallTariff[i]);
        for (uint256 i = 0; i < surplusTariff.length; i++) surplus[version].push(surplusTariff[i]);
        emit RulesDeclared(uint16(version), declared, shortfallTariff, surplusTariff);
    }

    function currentRules() external view returns (Rules memory) {
        require(rules.length > 0, "market not open");
        return rules[rules.length - 1];
    }

    // Orders

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

    // Clearing

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

    // Settlement

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

    // Forgetting

    /// Frees what the state keeps of an interval that is closed, at most so many entries; anybody may. Balances
    /// and events stay. Returns how many entries are left.
    function forget(uint32 interval, uint256 maxEntries) external returns (uint256 left) {
        Clearing storage clearing = clearings[interval];
        require(clearing.phase != Phase.None, "no orders");
        Rules storage by = rules[clearing.rules];
        require(nowMs() >= startMs(interval + 1) + by.keptMs, "interval is kept");
        uint256 room = maxEntries;
        bytes32[] storage ids = orderIds[interval];
        for (; room > 0 && ids.length > 0; room--) {
            Order storage order = orders[ids[ids.length - 1]];
            delete buckets[interval][order.tick];
            delete orders[ids[ids.length - 1]];
            ids.pop();
        }
        bytes32[] storage meters = meterIds[interval];
        for (; room > 0 && meters.length > 0; room--) {
            delete positions[interval][meters[meters.length - 1]];
            meters.pop();
        }
        left = ids.length + meters.length;
        if (left > 0) return left;
        delete clearings[interval];
        emit IntervalForgotten(interval);
    }

    // Looking

    function orderOf(bytes32 id) external view returns (Order memory) {
        return orders[id];
    }

    function clearingOf(uint32 interval) external view returns (Clearing memory) {
        return clearings[interval];
    }

    function positionOf(uint32 interval, bytes32 meter) external view returns (Position memory) {
        return positions[interval][meter];
    }

    function meterCount(uint32 interval) external view returns (uint256) {
        return meterIds[interval].length;
    }

    // Time

    function nowMs() private view returns (uint64) {
        return uint64(block.timestamp) * 1_000;
    }

    function startMs(uint32 interval) private view returns (uint64) {
        return uint64(interval) * uint64(CHANNEL_METERS.meterInterval());
    }

    function gateMs(uint32 interval, Rules storage by) private view returns (uint64) {
        uint64 start = startMs(interval);
        return start < by.gateMs ? 0 : start - by.gateMs;
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
