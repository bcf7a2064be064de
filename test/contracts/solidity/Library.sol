// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ChannelAccess} from "@gridledger/contracts/ChannelAccess.sol";
import {ChannelRoles} from "@gridledger/contracts/ChannelRoles.sol";
import {EnergyUnits} from "@gridledger/contracts/EnergyUnits.sol";
import {MeterRegistry} from "@gridledger/contracts/MeterRegistry.sol";
import {Settlement} from "@gridledger/contracts/Settlement.sol";
import {TimeOfUse} from "@gridledger/contracts/TimeOfUse.sol";

/// A user's contract that is linked to the library of the channel.
contract LibraryUser is ChannelAccess {
    bytes32 public constant CLERK = keccak256("clerk");
    MeterRegistry private constant REGISTRY = MeterRegistry(address(0x0b05));
    uint256 public written;

    constructor() {
        _grantRole(DEFAULT_ADMIN_ROLE, msg.sender);
    }

    function byOperator() external onlyRole(OPERATOR_ROLE) {
        written++;
    }

    function byClerk() external onlyRole(CLERK) {
        written++;
    }

    function byApplication() external {
        ChannelRoles.requireRole(ChannelRoles.APPLICATION, msg.sender);
        written++;
    }

    function cost(uint256 wh, uint256 price, EnergyUnits.Rounding rounding) external pure returns (uint256) {
        return EnergyUnits.cost(wh, price, rounding);
    }

    function fixedPoint(uint256 a, uint256 b, EnergyUnits.Rounding rounding) external pure returns (uint256, uint256) {
        return (EnergyUnits.times(a, b, rounding), EnergyUnits.over(a, b, rounding));
    }

    function priceAt(TimeOfUse.Band[] memory bands, int16 offset, uint64 timeMs) external pure returns (uint64) {
        TimeOfUse.check(bands);
        return TimeOfUse.priceAt(bands, offset, timeMs);
    }

    function amount(int256 wh, uint256 price) external pure returns (int256) {
        return Settlement.amount(wh, price);
    }

    function share(uint256 before, uint256 quantity, uint256 available, uint256 total)
        external
        pure
        returns (uint256)
    {
        return Settlement.share(before, quantity, available, total);
    }

    function energy(bytes32 id, uint64 fromMs, uint64 toMs) external view returns (int256, uint256, uint256) {
        return REGISTRY.energy(id, fromMs, toMs);
    }
}
