import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { Fault } from "@gridledger/protocol/faults";
import { formatHex } from "@gridledger/protocol/hex";
import { decodeBlock } from "@gridledger/protocol/ledger/block";
import { identities } from "@gridledger/protocol/ledger/state";
import { faultTolerance, quorum } from "@gridledger/protocol/ledger/validators";
import { leafHash } from "@gridledger/protocol/merkle/tree";
import { z } from "zod";
import type { LogLevel, NodeView } from "../node-view.ts";
import { type RpcMethod, rpcMethod } from "../rpc-method.ts";

const none = z.tuple([]);
const height = z.union([z.literal("latest"), z.number().int().positive()]);
const base64url = z
  .string()
  .min(1)
  .max(700_000)
  .regex(/^[A-Za-z0-9_-]+$/);
const logLevels = z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]);

/** The node itself: what it is, where it stands, its blocks and its pool. Bytes are base64url. */
export function nodeMethods(node: NodeView, log: LogLevel): readonly RpcMethod[] {
  return [
    rpcMethod({ name: "gl_status", params: none, run: () => status(node) }),
    rpcMethod({ name: "gl_validators", params: none, run: () => validators(node) }),
    rpcMethod({ name: "gl_peers", params: none, run: () => peers(node) }),
    rpcMethod({ name: "gl_getBlock", params: z.tuple([height]), run: ([at]) => block(node, at) }),
    rpcMethod({
      name: "gl_submitTransaction",
      params: z.tuple([base64url]),
      run: ([transaction]) => submit(node, transaction),
    }),
    rpcMethod({ name: "gl_getLogLevel", params: none, run: () => log.level }),
    rpcMethod({
      name: "gl_setLogLevel",
      params: z.tuple([logLevels]),
      run: ([level]) => {
        log.level = level;
        return level;
      },
    }),
  ];
}

function status(node: NodeView) {
  const { chain, head, id } = node;
  const { channel, suite, engine } = chain.genesis;
  return {
    ...{ id, name: node.name, channel, suite, engine, chainId: formatHex(chain.chainId) },
    height: head.height,
    headHash: formatHex(head.hash),
    headTimeMs: head.timeMs,
    isValidator: validators(node).items.some((validator) => validator.id === id),
    isConnected: node.isConnected,
    round: node.round,
    poolSize: node.poolSize,
    startedMs: node.startedMs,
  };
}

/** The set that seals the next block. */
function validators({ chain, head }: NodeView) {
  const { validators: set } = head.validators;
  return {
    quorum: quorum(set.length),
    faultTolerance: faultTolerance(set.length),
    items: set.map(({ publicKey, name }) => ({
      id: formatHex(identityId(chain.suite.hash, publicKey)),
      name,
      publicKey: Buffer.from(publicKey).toString("base64url"),
    })),
  };
}

function peers({ head, peers: statuses }: NodeView) {
  return [...statuses].map(([id, { height: at, headHash, round, poolSize, timeMs }]) => ({
    id,
    name: head.state.get(identities, Buffer.from(id, "hex"))?.name ?? "",
    height: at,
    headHash: formatHex(headHash),
    ...{ round, poolSize, timeMs },
  }));
}

async function block(node: NodeView, at: "latest" | number) {
  const wanted = at === "latest" ? node.head.height : at;
  const encoded = wanted > node.head.height ? undefined : await node.readBlock(wanted);
  if (encoded === undefined) throw new Fault("NOT_FOUND", `this node holds no block ${wanted}`);
  const { header, encodedHeader, seal, transactions } = decodeBlock(encoded);
  const { hash } = node.chain.suite;
  return {
    height: header.height,
    hash: formatHex(hash(encodedHeader)),
    parentHash: formatHex(header.parentHash),
    timeMs: header.timeMs,
    txRoot: formatHex(header.txRoot),
    stateRoot: formatHex(header.stateRoot),
    proposer: header.proposer,
    round: seal.round,
    header: Buffer.from(encodedHeader).toString("base64url"),
    transactions: transactions.map((bytes) => formatHex(leafHash(hash, bytes))),
  };
}

function submit(node: NodeView, text: string) {
  const encoded = Buffer.from(text, "base64url");
  node.submit(encoded);
  return { hash: formatHex(leafHash(node.chain.suite.hash, encoded)) };
}
