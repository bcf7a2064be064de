import type { StepName } from "./verdict.ts";

/** Every text of the page in English; `words-zh.ts` has the same keys. */
export const en = {
  title: "Verify evidence",
  lead: "Checks a Gridledger evidence file here in this page. Nothing leaves this machine, and no network is needed: save the page and use it anywhere.",
  language: "Language",
  file: {
    heading: "Evidence file",
    drop: "Drop the evidence file here",
    or: "a .json from the console or from gridledger … --bundle",
    choose: "Choose file",
    paste: "Paste text",
    pasteLabel: "Text of the evidence file",
    verifyText: "Verify this text",
    again: "Verify another file",
    pasted: "pasted text",
  },
  trust: {
    heading: "Which chain do you trust?",
    label: "Chain id (hash of the genesis), 64 characters",
    hint: "Take it from a source of your own – a contract, the operator’s letterhead, your own node’s “gridledger status” – and never from the file or from whoever sent you the file.",
    genesis: "or choose your genesis file",
    genesisRead: (id: string) => `Your genesis file: chain ${id}`,
    forget: "Leave it out",
    malformed: "A chain id has 64 characters, 0–9 and a–f.",
  },
  working: {
    reading: "Reading the file…",
    verifying: "Verifying…",
    cancel: "Cancel",
  },
  proven: "Proven",
  consistent: "Consistent in itself – not proven yet",
  refused: "Not proven",
  says: {
    reading: (meter: string, time: string, channel: string, height: string, sealed: string) =>
      `This reading of meter ${meter}, ${time}, is on chain “${channel}” at height ${height}, ${sealed}.`,
    object: (name: string, size: string, channel: string, height: string, sealed: string) =>
      `This file, “${name}” (${size}), is on chain “${channel}” at height ${height}, ${sealed}.`,
    transaction: (kind: string, channel: string, height: string, sealed: string) =>
      `This transaction (${kind}) is on chain “${channel}” at height ${height}, ${sealed}.`,
    sealed: (signers: string, validators: string) =>
      `sealed by ${signers} of ${validators} validators`,
    confirmed: (blocks: string) => `confirmed by ${blocks} blocks of work after it`,
    part: (shown: string, size: string) => `The file holds ${shown} of its ${size}.`,
    blockTime: (time: string) => `The block is dated ${time}.`,
    signer: (name: string, role: string) => `Signed by ${name} (${role}).`,
    notRevoked: (height: string, time: string) =>
      `The signer was not revoked when it signed, nor up to block ${height} (${time}).`,
    revokedLater: (height: string, reason: string) =>
      `The signer was revoked from block ${height} on (${reason}); it signed before.`,
    revocationUnknown:
      "The file does not hold whether the signer was revoked; ask for a newer one if it matters.",
    outcome: (outcome: string) => `The contract call came to: ${outcome}.`,
    unproven:
      "Not shown by any file: that the meter measured right, that what was put is true, or what happened after the last block named here.",
  },
  compare: {
    why: "The file holds together, but it names its chain itself: anybody can make such a file for a chain of their own. Compare this id with one that you have from elsewhere:",
    done: "I have compared it: it is the same",
    by: "You have compared the chain id.",
    with: "Verified against the chain id that you entered.",
    withGenesis: "Verified against your genesis file.",
  },
  todo: "What to do:",
  todos: {
    PROOF_SHAPE:
      "The file is damaged, cut off or no evidence file. Ask for it again, and send it as a file, not as text in a message.",
    PROOF_INVALID:
      "Something in it was changed or put together from parts. Do not rely on it; ask whoever has the data for a new file from a hub.",
    SEAL_INVALID:
      "The signatures of the validators do not hold. Do not rely on it; ask for a new file from a hub.",
    CHAIN_MISMATCH:
      "It is not of the chain that you named. Check the chain id that you entered; if it is right, the evidence is of another chain.",
    IDENTITY_REVOKED:
      "It was signed with a key that had been revoked before. Do not rely on it; ask the owner of the device.",
    GENESIS_INVALID:
      "This is a proof without its genesis. Choose your genesis file below, or ask for an evidence bundle.",
    SUITE_MISSING:
      "It uses cryptography that this page does not have. Use gridledger verify with that package.",
    other: "Do not rely on it. Ask for a new file from a hub.",
  } as Readonly<Record<string, string>>,
  stepsHeading: "Steps from the data to the signer",
  states: {
    held: "holds",
    failed: "does not hold",
    open: "not reached",
    absent: "not in the file",
  },
  steps: {
    data: ["Data", "what the file is about stands in the transaction"],
    leaf: ["Leaf", "hash of the transaction"],
    root: ["Root", "the leaf leads to the root of the block"],
    header: ["Header", "the block with this root"],
    seals: ["Seals", "a quorum of validators signed the header"],
    genesis: ["Genesis", "the validators are known from the genesis on"],
    signature: ["Signature", "the sender’s key signed the transaction"],
    certificate: ["Certificate", "recorded for the signer at the time"],
    revocation: ["Revocation", "by the state of the chain"],
  } as Readonly<Record<StepName, readonly [string, string]>>,
  facts: {
    ...{ chainId: "chain id", handovers: "changes of the validators", signers: "signatures" },
    ...{ confirmations: "blocks after it", height: "height", blockTime: "dated" },
    ...{ blockHash: "block hash", leaf: "leaf hash", siblings: "hashes on the way" },
    ...{ txRoot: "root", key: "public key", epoch: "key number", chunks: "chunks verified" },
    ...{ signer: "signer", since: "identity since block", recorded: "on record since block" },
    ...{ fingerprint: "fingerprint", validFrom: "valid from", validTo: "valid to" },
    ...{ meter: "meter", readingTime: "time of the reading", objectName: "name", kind: "kind" },
    ...{ revokedFrom: "revoked from block", reason: "reason", shownUpTo: "shown up to block" },
    ...{ count: (n: string, of: string) => `${n} of ${of}` },
  },
  foot: "Same code as gridledger verify. This page holds no trackers and loads nothing.",
};

export type Words = typeof en;
