import { randomBytes } from "node:crypto";
import type { Subject } from "@gridledger/protocol/access/rules";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes, formatHex } from "@gridledger/protocol/hex";
import type { StepRecord } from "@gridledger/protocol/ledger/recovery-record";
import {
  type RecoveryTerms,
  releaseDigest,
  termsDigest,
} from "@gridledger/protocol/recovery/step-content";
import { checkContent, readAction, type Step } from "./read-step.ts";
import type { RecoveryDeps, Submitted } from "./recovery-deps.ts";
import { placeOfCustodian, type ReadRequest, type RequestReader } from "./request-reader.ts";
import type { RequestState } from "./request-state.ts";
import { StepSender } from "./step-sender.ts";
import type { StoredKey } from "./tables/kept-key-table.ts";

const ID_BYTES = 16;
const MAX_OPEN_MS = 30 * 86_400_000;

/** A request of somebody; `owner` is said by who asks for a key of their own. */
interface Asked extends RecoveryTerms {
  readonly transaction: Uint8Array;
  readonly owner?: string | undefined;
}

interface Release {
  readonly transaction: Uint8Array;
  readonly sealed: Uint8Array;
}

/**
 * Requests for kept keys, guide §6.2.2: somebody asks, custodians release, who asked says that the key is
 * back. The chain judges each step again; here stand the rules that are the hub's own.
 */
export class RequestDesk {
  readonly #deps: RecoveryDeps;
  readonly #reader: RequestReader;
  readonly #sender: StepSender;

  constructor(deps: RecoveryDeps, reader: RequestReader) {
    this.#deps = deps;
    this.#reader = reader;
    this.#sender = new StepSender(deps);
  }

  /** @throws Fault RECOVERY_UNKNOWN, RECOVERY_RIGHT, RECOVERY_CONTENT, REQUEST_INVALID, SIGNATURE_INVALID */
  async ask(asked: Asked, actor: string): Promise<Submitted & { readonly id: string }> {
    const { requests, now } = this.#deps;
    const { reason, legalBasis, expiresMs } = asked;
    const step = this.#step(asked.transaction, "asked");
    checkContent(step, termsDigest(this.#deps.chain.suite.hash, asked));
    const { record, sender: requester, txHash } = step;
    const publicKey = formatHex(record.publicKey);
    const key = await this.#reader.key(publicKey, asked.owner);
    const earlier = (await requests.list([publicKey], 500)).find((one) =>
      equalBytes(one.txHash, txHash),
    );
    if (earlier !== undefined) return { ...(await this.#sender.again(txHash)), id: earlier.id };
    this.#checkAsking(key, requester);
    const createdMs = now();
    if (!(expiresMs > createdMs && expiresMs <= createdMs + MAX_OPEN_MS)) {
      throw new Fault("REQUEST_INVALID", "expiresMs: a request is open for 30 days at most");
    }
    const id = randomBytes(ID_BYTES).toString("hex");
    const recipientKey = formatHex(record.recipientKey);
    const told = [key.owner, ...key.custodians.map((one) => formatHex(one.id))];
    const said = { actor, action: "key.ask", what: "asked", told, publicKey } as const;
    const detail = `${reason} (${legalBasis})`;
    await this.#sender.write({ ...said, request: id, by: requester, detail }, (db) =>
      requests.add(db, {
        ...{ id, publicKey, requester, recipientKey, reason, legalBasis, askedBy: actor },
        ...{ createdMs, expiresMs, txHash },
      }),
    );
    return { ...(await this.#sender.submit(step.encoded, said)), id };
  }

  /** @throws Fault RECOVERY_UNKNOWN, RECOVERY_CLOSED, RECOVERY_RIGHT, RECOVERY_REPEATED, RECOVERY_CONTENT */
  async release(id: string, release: Release, actor: string): Promise<Submitted> {
    const { requests } = this.#deps;
    const { sealed } = release;
    const step = this.#step(release.transaction, "approved");
    checkContent(step, releaseDigest(this.#deps.chain.suite.hash, sealed));
    const read = await this.#reader.request(id);
    const { request, key } = read;
    const { sender, txHash } = step;
    const place = placeOfCustodian(key, sender);
    // Requester ≠ approver, neither the key nor the person behind it.
    const isOwn = sender === request.requester || actor === request.askedBy;
    if (place === 0 || isOwn) throw new Fault("RECOVERY_RIGHT");
    const earlier = (await requests.releases(id)).find((one) => one.place === place);
    if (earlier !== undefined && equalBytes(earlier.txHash, txHash)) {
      return this.#sender.again(txHash);
    }
    this.#checkStep(read, step.record, ["open", "ready"]);
    if (earlier !== undefined && !(await this.#sender.isRefused(earlier.txHash))) {
      throw new Fault("RECOVERY_REPEATED");
    }
    const { publicKey } = key;
    const told = [key.owner, request.requester];
    const said = { actor, action: "key.release", what: "released", told, publicKey } as const;
    const detail = `custodian ${place}`;
    await this.#sender.write({ ...said, request: id, by: sender, detail }, (db) =>
      requests.putRelease(db, id, { place, sealed, txHash }),
    );
    return this.#sender.submit(step.encoded, said);
  }

  /** Who asked says which shares do not fit; their custodians are told. @throws Fault RECOVERY_RIGHT, RECOVERY_UNKNOWN */
  async report(
    id: string,
    { owner, places }: { readonly owner?: string | undefined; readonly places: readonly number[] },
    { name: actor, attributes }: Subject,
  ): Promise<number[]> {
    const { request, key, releases } = await this.#reader.request(id, owner);
    if (actor !== request.askedBy && attributes.identity !== request.requester) {
      throw new Fault("RECOVERY_RIGHT", "only who asked can say that");
    }
    const bad = releases.filter(({ place }) => places.includes(place)).map(({ place }) => place);
    const told = bad.map((place) => formatHex(key.custodians[place - 1]!.id));
    const { publicKey } = key;
    const said = { actor, action: "key.bad-share", what: "bad-share", told, publicKey } as const;
    const detail = `custodian ${bad.join(", ")}`;
    if (bad.length > 0) {
      await this.#sender.write({ ...said, request: id, by: request.requester, detail }, (db) =>
        this.#deps.requests.markBad(db, id, bad),
      );
    }
    return bad;
  }

  /** @throws Fault RECOVERY_UNKNOWN, RECOVERY_CLOSED, RECOVERY_RIGHT, RECOVERY_CONTENT */
  async complete(
    id: string,
    {
      owner,
      transaction,
    }: { readonly owner?: string | undefined; readonly transaction: Uint8Array },
    actor: string,
  ): Promise<Submitted> {
    const step = this.#step(transaction, "completed");
    const read = await this.#reader.request(id, owner);
    const { request, key } = read;
    const { sender, txHash } = step;
    if (sender !== request.requester) throw new Fault("RECOVERY_RIGHT");
    if (request.completedTx !== null && equalBytes(request.completedTx, txHash)) {
      return this.#sender.again(txHash);
    }
    this.#checkStep(read, step.record, ["ready"]);
    const { publicKey } = key;
    const told = [key.owner, ...key.custodians.map((one) => formatHex(one.id))];
    const said = { actor, action: "key.complete", what: "completed", told, publicKey } as const;
    await this.#sender.write({ ...said, request: id, by: sender, detail: "" }, (db) =>
      this.#deps.requests.complete(db, id, txHash),
    );
    return this.#sender.submit(step.encoded, said);
  }

  #step(encoded: Uint8Array, action: StepRecord["action"]): Step<StepRecord> {
    return readAction(this.#deps.checkSubmission(encoded), action);
  }

  /** The owner or an operator, and nobody who could approve it. */
  #checkAsking(key: StoredKey, requester: string): void {
    const isOperator = this.#deps.findIdentity(requester)?.role === "operator";
    if (requester !== key.owner && !isOperator) throw new Fault("RECOVERY_RIGHT");
    if (placeOfCustodian(key, requester) === 0) return;
    throw new Fault("RECOVERY_RIGHT", "a custodian of the key does not ask for it");
  }

  #checkStep(
    { request, key, state }: ReadRequest,
    { publicKey, recipientKey }: StepRecord,
    wanted: readonly RequestState[],
  ): void {
    const isSame =
      formatHex(publicKey) === key.publicKey && formatHex(recipientKey) === request.recipientKey;
    if (!isSame) throw new Fault("RECOVERY_CONTENT", "it is for another request");
    if (!wanted.includes(state)) throw new Fault("RECOVERY_CLOSED", `the request is ${state}`);
  }
}
