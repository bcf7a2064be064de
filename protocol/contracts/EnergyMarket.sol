// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ChannelRoles} from "./ChannelRoles.sol";
import {MarketClearing} from "./MarketClearing.sol";
import {MarketOrders} from "./MarketOrders.sol";
import {MarketSettlement} from "./MarketSettlement.sol";
import {TimeOfUse} from "./TimeOfUse.sol";

/// The energy market (guide §3.2). Owners of meters order energy for one metered interval; when its gate
/// closes all orders are cleared at one price; when it is over, each meter's signed readings settle it.
/// Time is the block's. Nothing here calls code that the channel's genesis did not bring, so nothing can
/// come back in the middle. At 0x0b10; docs/market.md says the rules in words.
contract EnergyMarket is MarketOrders, MarketClearing, MarketSettlement {
    uint256 private constant MAX_TICKS = 512;

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
}
