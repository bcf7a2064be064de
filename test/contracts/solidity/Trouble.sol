// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// What a hostile contract tries; every call must end with a clear outcome.
contract Trouble {
    mapping(uint256 => uint256) private words;
    uint256 public touched;

    function forever() external {
        while (true) touched++;
    }

    function deep(uint256 left) external returns (uint256) {
        if (left == 0) return 0;
        return 1 + Trouble(address(this)).deep(left - 1);
    }

    function recurse() external {
        recurseInside();
    }

    function recurseInside() private {
        recurseInside();
    }

    function huge(uint256 length) external pure returns (bytes memory) {
        return new bytes(length);
    }

    function hugeRevert(uint256 length) external pure {
        assembly {
            revert(0, length)
        }
    }

    function bomb(uint256 count) external {
        for (uint256 i = 0; i < count; i++) words[i] = i + 1;
    }

    function die() external {
        selfdestruct(payable(msg.sender));
    }

    function createAndDie() external returns (address) {
        Mayfly mayfly = new Mayfly();
        mayfly.die();
        return address(mayfly);
    }

    function invalid() external pure {
        assembly {
            invalid()
        }
    }

    function send() external {
        payable(address(1)).transfer(1);
    }

    function kzg() external view returns (bool done) {
        (done, ) = address(10).staticcall(new bytes(192));
    }

    function random() external view returns (uint256, bytes32, bytes32, uint256) {
        return (block.prevrandao, blockhash(block.number - 1), blockhash(block.number - 2), gasleft());
    }
}

contract Mayfly {
    uint256 public value = 7;

    function die() external {
        selfdestruct(payable(msg.sender));
    }
}
