import type { BundleStep } from "@gridledger/protocol/bundle/bundle-step";
import type { ProvenBundle } from "@gridledger/protocol/bundle/verify-bundle";
import { formatHex } from "@gridledger/protocol/hex";
import { type Fact, type StepName, type StepView, type Subject, stepNames } from "./verdict.ts";

/** In the order in which they are verified, each with the step that people see. */
const order: readonly (readonly [BundleStep["step"], StepName])[] = [
  ["genesis", "genesis"],
  ["seals", "seals"],
  ["header", "header"],
  ["root", "root"],
  ["signature", "signature"],
  ["content", "data"],
  ["signer", "signature"],
  ["certificate", "certificate"],
  ["revocation", "revocation"],
];

/** What has held so far, as people read it. */
export class StepLog {
  readonly #facts = new Map<StepName, Fact[]>();
  readonly #held = new Set<BundleStep["step"]>();
  seals: { signers: number; validators: number; confirmations: number } = {
    ...{ signers: 0, validators: 0, confirmations: 0 },
  };

  hold(step: BundleStep): void {
    this.#held.add(step.step);
    if (step.step === "seals") this.seals = step;
    for (const [name, facts] of factsOf(step)) {
      if (step.step === "data") this.#facts.set(name, facts);
      else this.#facts.set(name, [...(this.#facts.get(name) ?? []), ...facts]);
    }
  }

  /** All has held; what the file does not hold is "absent". */
  finished(shown: Partial<ProvenBundle>, subject: Subject): readonly StepView[] {
    const { signer, proven } = shown;
    this.#facts.set("data", [...subjectFacts(subject), ...(this.#facts.get("data") ?? [])]);
    const absent = new Set<StepName>();
    if (proven?.senderSignature !== "checked") absent.add("signature");
    if (signer?.certified === undefined) absent.add("certificate");
    if (signer?.revoked === undefined && signer?.shownUpTo === undefined) absent.add("revocation");
    if (subject.about === "object" && subject.shownBytes === 0) absent.add("data");
    return this.#views((name) => (absent.has(name) ? "absent" : "held"));
  }

  /** @param isRead whether the file could be read at all */
  failed(isRead: boolean): readonly StepView[] {
    const [, wrong] = order.find(([step]) => !this.#held.has(step)) ?? ["data", "data"];
    const held = new Set(order.filter(([step]) => this.#held.has(step)).map(([, name]) => name));
    if (held.has("root")) held.add("leaf");
    // Chunks are last.
    if (wrong === "data") held.delete("data");
    return this.#views((name) => {
      if (isRead && name === wrong) return "failed";
      return held.has(name) && name !== wrong ? "held" : "open";
    });
  }

  #views(stateOf: (name: StepName) => StepView["state"]): StepView[] {
    return stepNames.map((name) => {
      const state = stateOf(name);
      const facts = state === "held" || state === "failed" ? (this.#facts.get(name) ?? []) : [];
      return { name, state, facts };
    });
  }
}

function subjectFacts(subject: Subject): Fact[] {
  switch (subject.about) {
    case "reading":
      return [
        { name: "meter", text: subject.meter },
        { name: "readingTime", timeMs: subject.timeMs },
      ];
    case "object":
      return [{ name: "objectName", text: subject.name }];
    case "transaction":
      return [{ name: "kind", text: subject.kind }];
  }
}

type Entry = readonly [StepName, Fact[]];

const hash = (name: string, bytes: Uint8Array): Fact => ({ name, hash: formatHex(bytes) });

function factsOf(step: BundleStep): Entry[] {
  switch (step.step) {
    case "genesis":
      return [
        ["genesis", [hash("chainId", step.chainId), { name: "handovers", count: step.handovers }]],
      ];
    case "seals":
      return [["seals", sealFacts(step)]];
    case "header": {
      const { height, timeMs, blockHash } = step;
      const place = [
        { name: "height", count: height },
        { name: "blockTime", timeMs },
      ];
      return [["header", [...place, hash("blockHash", blockHash)]]];
    }
    case "root":
      return [
        ["leaf", [hash("leaf", step.leaf)]],
        ["root", [{ name: "siblings", count: step.path.length }, hash("txRoot", step.txRoot)]],
      ];
    case "signature":
      return [["signature", [hash("key", step.publicKey), { name: "epoch", count: step.epoch }]]];
    case "data":
      return [["data", [{ name: "chunks", count: step.done, of: step.total }]]];
    case "content":
      return [];
    default:
      return signerFacts(step);
  }
}

function sealFacts(step: Extract<BundleStep, { step: "seals" }>): Fact[] {
  const { signers, validators, confirmations } = step;
  const quorum = { name: "signers", count: signers, of: validators };
  return confirmations === 0 ? [quorum] : [{ name: "confirmations", count: confirmations }];
}

type SignerStep = Extract<BundleStep, { step: "signer" | "certificate" | "revocation" }>;

function signerFacts({ step, signer }: SignerStep): Entry[] {
  const { identity, sinceHeight, certified, revoked, shownUpTo } = signer;
  if (step === "signer") {
    const who = { name: "signer", text: `${identity.name} (${identity.role})` };
    return [["signature", [who, { name: "since", count: sinceHeight }]]];
  }
  if (step === "certificate") {
    if (certified === undefined) return [];
    const { height, fingerprint, content } = certified;
    const facts: Fact[] = [{ name: "recorded", count: height }, hash("fingerprint", fingerprint)];
    if (content === undefined) return [["certificate", facts]];
    const { notBeforeMs, notAfterMs } = content;
    const term = [
      { name: "validFrom", timeMs: notBeforeMs },
      { name: "validTo", timeMs: notAfterMs },
    ];
    return [["certificate", [...facts, ...term]]];
  }
  const facts: Fact[] = [];
  if (revoked !== undefined) {
    facts.push({ name: "revokedFrom", count: revoked.height });
    facts.push({ name: "reason", text: revoked.reason });
  }
  if (shownUpTo !== undefined) {
    facts.push({ name: "shownUpTo", count: shownUpTo.height });
    facts.push({ name: "blockTime", timeMs: shownUpTo.timeMs });
  }
  return [["revocation", facts]];
}
