// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// Parts of the channel's machine that contracts may ask. Their addresses are part of every channel.

/// 0x0a03: the role that the channel gives an account's identity.
interface IChannelRoles {
    function roleOf(address who) external view returns (uint256);
}

/// 0x0a04: energy from finalised, signed readings.
interface IChannelMeters {
    /// Length of a metered interval in ms, as the genesis declares it; a quarter of an hour where it does not.
    function meterInterval() external view returns (uint256);
    function watchMeter(string calldata meter) external returns (uint256);
    function isWatched(string calldata meter) external view returns (uint256);
    function meterEnergy(string calldata meter, string calldata register, uint64 fromMs, uint64 toMs)
        external
        view
        returns (uint256 energyWh, uint256 missing, uint256 estimated);
}

IChannelRoles constant CHANNEL_ROLES = IChannelRoles(address(0x0a03));
IChannelMeters constant CHANNEL_METERS = IChannelMeters(address(0x0a04));
