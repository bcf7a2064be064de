// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// Every operator of guide §4.3.3 a)–d), on value types, on members of reference types and in mappings.
contract Operators {
    struct Pair {
        uint256 a;
        int256 b;
    }

    Pair private pair;
    uint256[] private list;
    mapping(uint256 => uint256) private unsignedAt;
    mapping(address => mapping(bytes32 => int256)) private signedAt;
    mapping(uint8 => bool) private flagAt;

    // a) logic
    function logic(bool a, bool b) external pure returns (bool, bool, bool) {
        return (!a, a && b, a || b);
    }

    /// The right side is not looked at where the left one decides.
    function lazy(bool a) external returns (bool both, bool either, uint256 looked) {
        list.push(0);
        both = a && look();
        either = a || look();
        looked = list[list.length - 1];
    }

    function look() private returns (bool) {
        list[list.length - 1]++;
        return true;
    }

    // b) comparison
    function compare(uint256 a, uint256 b) external pure returns (bool, bool, bool, bool, bool, bool) {
        return (a <= b, a < b, a == b, a != b, a >= b, a > b);
    }

    function compareSigned(int256 a, int256 b) external pure returns (bool, bool, bool, bool, bool, bool) {
        return (a <= b, a < b, a == b, a != b, a >= b, a > b);
    }

    function equalBytes(bytes32 a, bytes32 b, address c, address d) external pure returns (bool, bool, bool) {
        return (a == b, c == d, keccak256(abi.encode(a)) == keccak256(abi.encode(b)));
    }

    // c) bits
    function bits(uint256 a, uint256 b) external pure returns (uint256, uint256, uint256, uint256) {
        return (a & b, a | b, a ^ b, ~a);
    }

    function bytesBits(bytes32 a, bytes32 b) external pure returns (bytes32, bytes32, bytes32, bytes32) {
        return (a & b, a | b, a ^ b, ~a);
    }

    // d) arithmetic; unchecked wraps as the machine does
    function arithmetic(uint256 a, uint256 b)
        external
        pure
        returns (uint256, uint256, uint256, uint256, uint256)
    {
        unchecked {
            return (a + b, a - b, a * b, b == 0 ? 0 : a / b, b == 0 ? 0 : a % b);
        }
    }

    function arithmeticSigned(int256 a, int256 b)
        external
        pure
        returns (int256, int256, int256, int256, int256, int256)
    {
        unchecked {
            return (a + b, a - b, a * b, b == 0 ? int256(0) : a / b, b == 0 ? int256(0) : a % b, -a);
        }
    }

    function power(uint256 a, uint256 b) external pure returns (uint256) {
        unchecked {
            return a ** b;
        }
    }

    function shifts(uint256 a, int256 b, uint256 by) external pure returns (uint256, uint256, int256, int256) {
        return (a << by, a >> by, b << by, b >> by);
    }

    /// Unary +: Solidity 0.5 took the operator away because it does nothing; +a is a.
    function plus(int256 a) external pure returns (int256) {
        return 0 + a;
    }

    function checkedAdd(uint256 a, uint256 b) external pure returns (uint256) {
        return a + b;
    }

    function narrow(uint8 a, uint8 b) external pure returns (uint8, uint8, int8) {
        unchecked {
            return (a + b, a * b, int8(a) - int8(b));
        }
    }

    // reference types: struct, array, bytes
    function references(uint256 a, int256 b, uint256[] calldata values)
        external
        returns (uint256 sum, int256 negated, uint256 kept, bytes memory joined)
    {
        pair = Pair(a, b);
        delete list;
        for (uint256 i = 0; i < values.length; i++) list.push(values[i]);
        unchecked {
            for (uint256 i = 0; i < list.length; i++) sum += list[i];
            pair.a ^= sum;
            pair.b = -pair.b;
        }
        negated = pair.b;
        kept = pair.a;
        joined = bytes.concat(abi.encodePacked(kept), bytes("!"));
    }

    // mappings
    function mappings(uint256 key, uint256 value, int256 signed)
        external
        returns (uint256 shifted, int256 inverse, bool flag, uint256 absent)
    {
        unchecked {
            unsignedAt[key] = value;
            unsignedAt[key] <<= 3;
            unsignedAt[key] |= 5;
            unsignedAt[key]++;
            signedAt[msg.sender][bytes32(key)] = signed;
            signedAt[msg.sender][bytes32(key)] *= -1;
            flagAt[uint8(key)] = !(value > 7) && signed != 0;
            absent = unsignedAt[key + 1];
        }
        shifted = unsignedAt[key];
        inverse = signedAt[msg.sender][bytes32(key)];
        flag = flagAt[uint8(key)];
        delete unsignedAt[key];
    }
}
