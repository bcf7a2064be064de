// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {CHANNEL_METERS} from "./Channel.sol";
import {MeterRegistry} from "./MeterRegistry.sol";
import {TimeOfUse} from "./TimeOfUse.sol";

/// What the energy market keeps and says. Balances come first: their slots can be proven.
abstract contract MarketState {
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

    MeterRegistry internal constant REGISTRY = MeterRegistry(address(0x0b05));

    mapping(address owner => int256) public balanceOf;
    Rules[] internal rules;
    mapping(uint256 version => TimeOfUse.Band[]) internal shortfall;
    mapping(uint256 version => TimeOfUse.Band[]) internal surplus;
    mapping(bytes32 id => Order) internal orders;
    mapping(uint32 interval => Clearing) internal clearings;
    mapping(uint32 interval => bytes32[]) internal orderIds;
    mapping(uint32 interval => bytes32[]) internal meterIds;
    mapping(uint32 interval => mapping(bytes32 meter => Position)) internal positions;
    mapping(uint32 interval => mapping(uint256 tick => Bucket)) internal buckets;

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

    function nowMs() internal view returns (uint64) {
        return uint64(block.timestamp) * 1_000;
    }

    function startMs(uint32 interval) internal view returns (uint64) {
        return uint64(interval) * uint64(CHANNEL_METERS.meterInterval());
    }

    function gateMs(uint32 interval, Rules storage by) internal view returns (uint64) {
        uint64 start = startMs(interval);
        return start < by.gateMs ? 0 : start - by.gateMs;
    }
}
