import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { openSealedBlocks } from "../../edge-node/src/chain/sealed-block.ts";
import type { SignatureCheck } from "../../edge-node/src/chain/signature-verifier.ts";
import { PreparedTransaction } from "../../edge-node/src/state/prepared-transaction.ts";
import { PageImporter } from "../../edge-node/src/sync/page-importer.ts";
import { packChecks, verifyPacked } from "../../edge-node/src/verifier/packed-checks.ts";
import { enrol, executedBlock, Meter, type Person, person, sealedBlock } from "./support.ts";
import { encode, history, net, parts } from "./sync-bench.ts";

const { chain, devices, operator } = net;
const [device, other] = devices as [Person, Person];

/** Verifies when it is asked and counts what for. */
class Counting {
  readonly asked: SignatureCheck[] = [];
  readonly verify = async (checks: readonly SignatureCheck[]) => {
    this.asked.push(...checks);
    await nextTurn();
    return verifyPacked(chain.suite, chain.chainId, packChecks(checks));
  };
}

function opening(node = parts()) {
  const { ledger, pool } = node;
  const state = () => ledger.head.state;
  return { node, deps: { chain, state, pool, clock: () => 0, pause: () => nextTurn() } };
}

/** What import says of blocks that were opened with this verifier, or undefined where all are in. */
async function codeOf(blocks: readonly Uint8Array[], verifier?: Counting) {
  const { node, deps } = opening();
  const { sealed, fault } = await openSealedBlocks(deps, blocks, verifier);
  try {
    for (const block of sealed) node.ledger.import(block, "sync");
    if (fault !== undefined) throw fault;
    return { height: node.ledger.head.height };
  } catch (thrown) {
    const { code, message } = thrown as { code: string; message: string };
    return { height: node.ledger.head.height, code, message };
  }
}

function blockOf(transactions: readonly Uint8Array[], change?: (encoded: Uint8Array) => void) {
  const sealed = sealedBlock(net, parts().ledger.head, transactions);
  const encoded = encode(sealed);
  change?.(encoded);
  return encoded;
}

const keyOf = ({ signer: { publicKey } }: Person) => ({ suiteId: chain.suite.id, publicKey });

describe("signatures that are verified ahead", () => {
  it("import finds them done and takes the blocks", async () => {
    const blocks = history(5);
    const verifier = new Counting();
    const { deps } = opening();
    const { sealed } = await openSealedBlocks(deps, blocks, verifier);
    assert.equal(verifier.asked.length, 5);
    const key = keyOf(device);
    assert.ok(sealed.every(({ transactions }) => transactions[0]?.isSignedBy(key)));
    assert.deepEqual(await codeOf(blocks, new Counting()), { height: 5 });
  });

  it("a refusal has the code and the words that it has in place", async () => {
    const transaction = new Meter(chain, device, "m").next();
    const forged = Uint8Array.from(transaction);
    forged[forged.length - 2]! ^= 1;
    const good = sealedBlock(net, parts().ledger.head, [transaction]);
    const stranger = new Meter(chain, person(), "m").next();
    // The bodies of another block under a good header: what a lying peer can do.
    const bodies = (encoded: Uint8Array) =>
      encode({ ...good, transactions: [new PreparedTransaction(chain, encoded)] });
    const [whole] = history(1) as [Uint8Array];
    const cases = [
      [bodies(forged)],
      [bodies(stranger)],
      [bodies(new Meter(chain, other, "m").next())],
      [whole, whole.subarray(0, whole.length - 3)],
      [whole, Uint8Array.of(0x80)],
      [blockOf([transaction], (encoded) => encoded.fill(7, 20, 60))],
    ];
    for (const blocks of cases) {
      const inPlace = await codeOf(blocks);
      assert.notEqual(inPlace.code, undefined);
      assert.deepEqual(await codeOf(blocks, new Counting()), inPlace);
    }
  });

  it("a forged signature under a header that holds it is refused as in place", async () => {
    const forged = Uint8Array.from(new Meter(chain, device, "m").next());
    forged[forged.length - 2]! ^= 1;
    const trusted = new PreparedTransaction(chain, forged);
    // Sealed by a quorum that has verified nothing.
    trusted.noteVerified(keyOf(device));
    const { sealed } = executedBlock(net, parts().ledger.head, [trusted]);
    const blocks = [encode(sealed)];
    const inPlace = await codeOf(blocks);
    assert.equal(inPlace.code, "SIGNATURE_INVALID");
    assert.deepEqual(await codeOf(blocks, new Counting()), inPlace);
  });

  it("whom a block before enrols is verified by the executor", async () => {
    const newcomer = person();
    const { ledger } = parts();
    const blocks: Uint8Array[] = [];
    for (const encoded of [
      enrol(chain, operator, newcomer),
      new Meter(chain, newcomer, "n").next(),
    ]) {
      const sealed = sealedBlock(net, ledger.head, [encoded]);
      ledger.import(sealed, "sync");
      blocks.push(encode(sealed));
    }
    const verifier = new Counting();
    assert.deepEqual(await codeOf(blocks, verifier), { height: 2 });
    assert.equal(verifier.asked.length, 1);
  });

  it("what one key has signed says nothing of another key", () => {
    const transaction = new PreparedTransaction(chain, new Meter(chain, device, "m").next());
    assert.equal(transaction.verify(chain, keyOf(other)), false);
    assert.equal(transaction.verify(chain, keyOf(device)), true);
    assert.equal(transaction.isSignedBy(keyOf(device)), true);
    assert.equal(transaction.verify(chain, keyOf(other)), false);
    assert.equal(transaction.verify(chain, keyOf(device)), true);
  });

  it("pages are opened before their turn only by a node that has shown to be far behind", async () => {
    const opened: [height: number, isFar: boolean][] = [];
    let height = 0;
    const importer = new PageImporter({
      headHeight: () => height,
      async open(blocks, isFar) {
        opened.push([blocks[0]![0]!, isFar]);
        return { sealed: [{} as never], fault: undefined };
      },
      import: () => ++height > 0,
      stored: () => Promise.resolve(),
      clock: () => 0,
      pause: () => nextTurn(),
    });
    importer.begin();
    const page = (fromHeight: number) => ({
      ...{ peer: "p", fromHeight, bytes: 200_000 },
      blocks: [Uint8Array.of(fromHeight)],
    });
    const pages = [1, 2, 3, 4].map(page);
    for (const [i, next] of pages.entries()) {
      const taken = importer.take(next);
      importer.ahead(pages.slice(i + 1, i + 2));
      assert.equal(await taken, undefined);
    }
    // Each once, the last of them while the one before it was being imported.
    assert.deepEqual(opened, [
      [1, false],
      [2, false],
      [3, true],
      [4, true],
    ]);
    assert.equal(height, 4);
  });
});
