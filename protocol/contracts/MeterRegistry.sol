// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {CHANNEL_METERS} from "./Channel.sol";
import {ChannelRoles} from "./ChannelRoles.sol";

/// Which meter is whose, and by which registers it is read. The operator writes it, every contract may
/// read it. From its registration on the channel keeps a meter's registers. At 0x0b05.
contract MeterRegistry {
    struct Meter {
        address owner;
        string name;
        /// OBIS codes that count what is taken from the grid; their sum counts.
        string[] taken;
        /// OBIS codes that count what is given to it.
        string[] given;
    }

    uint256 private constant MAX_NAME_BYTES = 64;
    uint256 private constant MAX_REGISTERS = 4;

    mapping(bytes32 id => Meter) private meters;

    event MeterRegistered(bytes32 indexed id, address indexed owner, string name, string[] taken, string[] given);
    event MeterRemoved(bytes32 indexed id, address indexed owner);

    modifier onlyOperator() {
        ChannelRoles.requireRole(ChannelRoles.OPERATOR, msg.sender);
        _;
    }

    /// Registers a meter, or gives it to somebody else. The id is the Keccak-256 of its name.
    function register(string calldata name, address owner, string[] memory taken, string[] memory given)
        external
        onlyOperator
        returns (bytes32 id)
    {
        require(bytes(name).length > 0 && bytes(name).length <= MAX_NAME_BYTES, "registry: name of 1 to 64 bytes");
        require(owner != address(0), "registry: no owner");
        require(taken.length + given.length > 0, "registry: no register");
        require(taken.length <= MAX_REGISTERS && given.length <= MAX_REGISTERS, "registry: too many registers");
        id = keccak256(bytes(name));
        Meter storage meter = meters[id];
        meter.owner = owner;
        meter.name = name;
        meter.taken = taken;
        meter.given = given;
        CHANNEL_METERS.watchMeter(name);
        emit MeterRegistered(id, owner, name, taken, given);
    }

    /// Takes the meter from its owner. Its energy stays readable, for what is still to be settled.
    function remove(bytes32 id) external onlyOperator {
        address owner = meters[id].owner;
        require(owner != address(0), "registry: no such meter");
        meters[id].owner = address(0);
        emit MeterRemoved(id, owner);
    }

    /// Zero where nobody has it.
    function ownerOf(bytes32 id) external view returns (address) {
        return meters[id].owner;
    }

    function meterOf(bytes32 id) external view returns (Meter memory) {
        return meters[id];
    }

    /// What the meter took less what it gave between two interval borders, in Wh, over the intervals that are
    /// known; how many values of a register's interval are missing and how many are estimated.
    function energy(bytes32 id, uint64 fromMs, uint64 toMs)
        external
        view
        returns (int256 netWh, uint256 missing, uint256 estimated)
    {
        Meter storage meter = meters[id];
        if (bytes(meter.name).length == 0) return (0, 1, 0);
        (uint256 taken, uint256 missingTaken, uint256 estimatedTaken) = sum(meter.name, meter.taken, fromMs, toMs);
        (uint256 given, uint256 missingGiven, uint256 estimatedGiven) = sum(meter.name, meter.given, fromMs, toMs);
        return (int256(taken) - int256(given), missingTaken + missingGiven, estimatedTaken + estimatedGiven);
    }

    function sum(string memory name, string[] storage registers, uint64 fromMs, uint64 toMs)
        private
        view
        returns (uint256 energyWh, uint256 missing, uint256 estimated)
    {
        for (uint256 i = 0; i < registers.length; i++) {
            (uint256 wh, uint256 without, uint256 guessed) =
                CHANNEL_METERS.meterEnergy(name, registers[i], fromMs, toMs);
            energyWh += wh;
            missing += without;
            estimated += guessed;
        }
    }
}
