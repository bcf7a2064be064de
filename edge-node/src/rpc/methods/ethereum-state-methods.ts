import { accounts, codes, slots } from "@gridledger/protocol/contracts/account";
import { z } from "zod";
import { nonceOf } from "../../contracts/ethereum-call.ts";
import type { BlockReader } from "../ethereum/block-reader.ts";
import type { CallGate } from "../ethereum/call-gate.ts";
import { callOutput, estimateGas } from "../ethereum/calls.ts";
import type { EthereumSource } from "../ethereum/ethereum-source.ts";
import {
  address,
  blockTag,
  callObject,
  fromData,
  storageSlot,
  toData,
  toQuantity,
} from "../ethereum/shapes.ts";
import { type RpcMethod, rpcMethod } from "../rpc-method.ts";

const tag = blockTag.optional();

interface StateMethodsDeps {
  readonly source: EthereumSource;
  readonly reader: BlockReader;
  readonly gate: CallGate;
}

/** Accounts, code, storage and calls. There is no coin: every balance is zero. */
export function ethereumStateMethods(deps: StateMethodsDeps): readonly RpcMethod[] {
  const { source, reader, gate } = deps;
  const { chain } = source;
  return [
    rpcMethod({
      name: "eth_getBalance",
      params: z.tuple([address, tag]),
      run: async ([, at = "latest"]) => {
        await reader.knownHeight(at);
        return "0x0";
      },
    }),
    rpcMethod({
      name: "eth_getTransactionCount",
      params: z.tuple([address, tag]),
      run: async ([of, at = "latest"]) => {
        const state = await reader.viewOf(at);
        const waiting = at === "pending" ? source.waitingOf(of.toLowerCase()) : 0;
        return toQuantity(nonceOf(state, fromData(of)) + waiting);
      },
    }),
    rpcMethod({
      name: "eth_getCode",
      params: z.tuple([address, tag]),
      run: async ([of, at = "latest"]) => {
        const state = await reader.viewOf(at);
        const codeHash = state.get(accounts, fromData(of))?.codeHash;
        const code = codeHash?.length ? state.get(codes, codeHash) : undefined;
        return code === undefined ? "0x" : toData(code);
      },
    }),
    rpcMethod({
      name: "eth_getStorageAt",
      params: z.tuple([address, storageSlot, tag]),
      run: async ([of, slot, at = "latest"]) => {
        const state = await reader.viewOf(at);
        const word = state.get(slots, { address: fromData(of), slot }) ?? new Uint8Array(0);
        return `0x${Buffer.from(word).toString("hex").padStart(64, "0")}`;
      },
    }),
    rpcMethod({
      name: "eth_call",
      params: z.tuple([callObject, tag]),
      run: async ([call, at = "latest"]) => {
        const state = await reader.stateOf(at);
        return gate.run(() => callOutput(chain, state, call));
      },
    }),
    rpcMethod({
      name: "eth_estimateGas",
      params: z.tuple([callObject, tag]),
      run: async ([call, at = "latest"]) => {
        const state = await reader.stateOf(at);
        return toQuantity(await gate.run(() => estimateGas(chain, state, call)));
      },
    }),
  ];
}
