// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

library OwnLibrary {
    function twice(uint256 value) public pure returns (uint256) {
        return 2 * value;
    }
}

contract Unlinked {
    function twice(uint256 value) external pure returns (uint256) {
        return OwnLibrary.twice(value);
    }
}
