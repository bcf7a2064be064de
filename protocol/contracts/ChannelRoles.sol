// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {CHANNEL_ROLES} from "./Channel.sol";

/// Permission by the role that the channel gives an identity (guide §4.3.2). At 0x0b01.
library ChannelRoles {
    uint256 internal constant VALIDATOR = 1;
    uint256 internal constant DEVICE = 2;
    uint256 internal constant OPERATOR = 3;
    uint256 internal constant HUB = 4;
    uint256 internal constant APPLICATION = 5;
    uint256 internal constant CANDIDATE = 6;
    uint256 internal constant ORGANISATION = 7;

    /// 0 for contracts and for accounts that never sent anything.
    function roleOf(address who) public view returns (uint256) {
        return CHANNEL_ROLES.roleOf(who);
    }

    function holds(uint256 role, address who) public view returns (bool) {
        return role != 0 && CHANNEL_ROLES.roleOf(who) == role;
    }

    /// Reverts with "role".
    function requireRole(uint256 role, address who) public view {
        require(role != 0 && CHANNEL_ROLES.roleOf(who) == role, "role");
    }
}
