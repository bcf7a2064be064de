// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ChannelRoles} from "./ChannelRoles.sol";

/// OpenZeppelin's AccessControl in which the roles of the channel are roles too: `onlyRole(OPERATOR_ROLE)`
/// asks the channel, every other role is granted and revoked as OpenZeppelin says. To inherit from.
abstract contract ChannelAccess is AccessControl {
    bytes32 public constant OPERATOR_ROLE = bytes32(ChannelRoles.OPERATOR);
    bytes32 public constant APPLICATION_ROLE = bytes32(ChannelRoles.APPLICATION);
    bytes32 public constant DEVICE_ROLE = bytes32(ChannelRoles.DEVICE);
    uint256 private constant CHANNEL_ROLE_LIMIT = 256;

    function hasRole(bytes32 role, address account) public view virtual override returns (bool) {
        uint256 number = uint256(role);
        if (number != 0 && number < CHANNEL_ROLE_LIMIT) return ChannelRoles.holds(number, account);
        return super.hasRole(role, account);
    }
}
