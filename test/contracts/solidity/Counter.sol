// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

contract Counter {
    address public owner;
    uint256 public count;
    mapping(address => uint256) public by;

    event Counted(address indexed who, uint256 count);

    error NotOwner(address who);

    constructor(uint256 start) {
        owner = msg.sender;
        count = start;
    }

    function add(uint256 amount) external returns (uint256) {
        count += amount;
        by[msg.sender] += amount;
        emit Counted(msg.sender, count);
        return count;
    }

    function reset() external {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        count = 0;
    }

    function refuse() external pure {
        revert("not today");
    }

    function divide(uint256 by_) external pure returns (uint256) {
        return 1 / by_;
    }

    function place() external view returns (uint256, uint256, bytes32, uint256) {
        return (block.number, block.timestamp, bytes32(block.prevrandao), block.chainid);
    }
}
