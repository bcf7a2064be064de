import {
  decodeHolderDeclaration,
  encodeHolderDeclaration,
} from "@gridledger/protocol/copies/holder-declaration";
import { holderTable } from "@gridledger/protocol/copies/holder-table";
import {
  decodeHoldingStatement,
  encodeHoldingStatement,
  verifyHoldingStatement,
} from "@gridledger/protocol/copies/holding-statement";
import { decodeCopyAnswer, encodeCopyAnswer } from "@gridledger/protocol/messages/copy-answer";
import { decodeCopyPiece, encodeCopyPiece } from "@gridledger/protocol/messages/copy-piece";
import {
  decodeCopyQuestion,
  encodeCopyQuestion,
} from "@gridledger/protocol/messages/copy-question";
import { decodeKeepCopy, encodeKeepCopy } from "@gridledger/protocol/messages/keep-copy";
import { recode } from "./cbor-tree.ts";
import { blockHash, path } from "./chain-samples.ts";
import { chainId, fixedSigner, suite } from "./fixed-signer.ts";
import type { Target } from "./fuzz.ts";

/** Made once: a multiplication on the curve for each input would take most of the time. */
const holderKey = fixedSigner(7).publicKey;
const places = [{ name: "archive", capacityBytes: 1_000 }];
const about = { id: 9, root: blockHash };
const question = { ...about, index: 2, offset: 65_536 };

/** Copies of objects: who keeps them, and what goes between a hub and its holders. */
export const copyTargets: Readonly<Record<string, Target>> = {
  holderDeclaration: {
    covers: [
      "protocol/src/copies/holder-declaration#decodeHolderDeclaration",
      "protocol/src/copies/holder-declaration#readPlaces",
    ],
    samples: [encodeHolderDeclaration(places), encodeHolderDeclaration([])],
    run: (bytes) => encodeHolderDeclaration(decodeHolderDeclaration(bytes)),
  },
  holders: {
    covers: [],
    samples: [holderTable.encode([{ id: new Uint8Array(10), places }])],
    run: (bytes) => holderTable.encode(holderTable.decode(bytes)),
  },
  holdingStatement: {
    covers: ["protocol/src/copies/holding-statement#decodeHoldingStatement"],
    samples: [
      encodeHoldingStatement(suite, fixedSigner(7), chainId, {
        ...{ root: blockHash, chunks: 3, heldMs: 9 },
      }),
    ],
    run: (bytes) => {
      verifyHoldingStatement(suite, holderKey, chainId, decodeHoldingStatement(bytes));
      return recode(bytes);
    },
  },
  keepCopy: {
    covers: ["protocol/src/messages/keep-copy#decodeKeepCopy"],
    samples: [encodeKeepCopy({ ...about, transaction: blockHash, secret: new Uint8Array(32) })],
    run: (bytes) => encodeKeepCopy(decodeKeepCopy(bytes)),
  },
  copyPiece: {
    covers: ["protocol/src/messages/copy-piece#decodeCopyPiece"],
    samples: [encodeCopyPiece({ ...question, bytes: new Uint8Array(9), path })],
    run: (bytes) => encodeCopyPiece(decodeCopyPiece(bytes)),
  },
  copyQuestion: {
    covers: ["protocol/src/messages/copy-question#decodeCopyQuestion"],
    samples: [
      encodeCopyQuestion({ ...question, about: "digest", nonce: new Uint8Array(16) }),
      encodeCopyQuestion({ ...question, about: "read", nonce: new Uint8Array(0) }),
    ],
    run: (bytes) => encodeCopyQuestion(decodeCopyQuestion(bytes)),
  },
  copyAnswer: {
    covers: ["protocol/src/messages/copy-answer#decodeCopyAnswer"],
    samples: [
      encodeCopyAnswer({
        ...{ ...about, code: "COPY_SPACE", firstMissing: 4 },
        ...{ digest: blockHash, statement: new Uint8Array(9) },
      }),
    ],
    run: (bytes) => encodeCopyAnswer(decodeCopyAnswer(bytes)),
  },
};
