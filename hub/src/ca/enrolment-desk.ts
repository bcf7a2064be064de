import { randomBytes } from "node:crypto";
import type { Suite } from "@gridledger/protocol/crypto/suite";
import { Fault } from "@gridledger/protocol/faults";
import { equalBytes } from "@gridledger/protocol/hex";
import { namePart } from "@gridledger/protocol/pki/names";
import { type CertificateRequest, verifyRequest } from "@gridledger/protocol/pki/request";
import type { Authorities } from "./authorities.ts";
import { checkRequest, checkSeparateKeys, readRequestPem } from "./check-request.ts";
import type { EnrolmentCodes } from "./enrolment-codes.ts";
import type { Issuance } from "./issuance.ts";
import type { KeyCheck } from "./key-check.ts";
import type { CaStore } from "./tables/ca-store.ts";
import type { CertificateTable, NewCertificate } from "./tables/certificate-table.ts";
import type { CodeTable, EnrolmentCode } from "./tables/code-table.ts";
import type {
  Decision,
  PendingRequest,
  RequestState,
  RequestTable,
} from "./tables/request-table.ts";

const ID_BYTES = 16;

export interface Submission {
  /** Or it stands in the signing request as its challenge password. */
  readonly code?: string | undefined;
  /** PKCS#10 as PEM. */
  readonly signing: string;
  readonly encryption?: string | undefined;
}

interface DeskDeps {
  readonly suite: Suite;
  readonly store: CaStore;
  readonly authorities: Authorities;
  readonly codes: EnrolmentCodes;
  readonly codeTable: CodeTable;
  readonly requests: RequestTable;
  readonly certificates: CertificateTable;
  readonly issuance: Issuance;
  readonly keys: KeyCheck;
  /** How many people could approve. */
  readonly operatorCount: () => Promise<number>;
  readonly now: () => number;
}

/** Enrolment, guide §6.1.1: a code opens the desk, a request is handed in, an operator decides. */
export class EnrolmentDesk {
  readonly #deps: DeskDeps;

  constructor(deps: DeskDeps) {
    this.#deps = deps;
  }

  /**
   * Takes a request. Said again with the same request, because the answer was lost, it is the same one.
   *
   * @throws Fault ENROLMENT_CODE_*, REQUEST_*, PKI_*, SIGNATURE_INVALID, KEY_INVALID, IDENTITY_REVOKED
   */
  async submit({ code: given, signing, encryption }: Submission): Promise<PendingRequest> {
    const request = readRequestPem(signing);
    const sealing = encryption === undefined ? undefined : readRequestPem(encryption);
    const text = given ?? request.challengePassword;
    if (text === undefined) throw new Fault("ENROLMENT_CODE_INVALID", "there is no code");
    const { codes, requests } = this.#deps;
    const code = await codes.open(text);
    if (code.request !== null) {
      const earlier = await requests.find(code.request);
      // Not the bytes: an ECDSA signature is another one every time.
      const isSame =
        earlier && equalBytes(verifyRequest(earlier.signing).signedPart, request.signedPart);
      if (isSame) return earlier;
      throw new Fault("ENROLMENT_CODE_USED");
    }
    try {
      await this.#check(code, request, sealing);
    } catch (thrown) {
      await codes.fail(code);
      throw thrown;
    }
    return this.#keep(code, request, sealing);
  }

  find(id: string): Promise<PendingRequest | undefined> {
    return this.#deps.requests.find(id);
  }

  list(state: RequestState | undefined, limit: number): Promise<PendingRequest[]> {
    return this.#deps.requests.list(state, limit);
  }

  /** @throws Fault NOT_FOUND, REQUEST_DECIDED, APPROVAL_OWN, REQUEST_KEY, IDENTITY_REVOKED */
  async approve(id: string, by: string): Promise<readonly NewCertificate[]> {
    const request = await this.#pending(id);
    if (request.askedBy === by && (await this.#deps.operatorCount()) > 1) {
      throw new Fault("APPROVAL_OWN");
    }
    const made = await this.#make(request, by);
    const serials = made.map(({ serial }) => serial);
    await this.#decide(id, { state: "approved", by, atMs: this.#deps.now(), serials }, made);
    return made;
  }

  /** @throws Fault NOT_FOUND, REQUEST_DECIDED */
  async reject(id: string, by: string, detail: string): Promise<void> {
    await this.#pending(id);
    await this.#decide(id, { state: "rejected", by, atMs: this.#deps.now(), detail }, []);
  }

  async #check(
    code: EnrolmentCode,
    request: CertificateRequest,
    sealing: CertificateRequest | undefined,
  ): Promise<void> {
    const { suite, authorities, keys } = this.#deps;
    const { name, role } = code;
    const { organisation } = authorities.find(code.authority);
    checkRequest(request, suite, { organisation, name, role });
    await keys.check(request.key.publicKey, { purpose: "signing", name, role });
    if (sealing === undefined) return;
    checkRequest(sealing, suite, { organisation, name, role });
    checkSeparateKeys(request, sealing);
    await keys.check(sealing.key.publicKey, { purpose: "encryption", name, role });
  }

  async #keep(
    code: EnrolmentCode,
    { encoded: signing }: CertificateRequest,
    sealing: CertificateRequest | undefined,
  ): Promise<PendingRequest> {
    const { store, codeTable, requests, now } = this.#deps;
    const id = randomBytes(ID_BYTES).toString("hex");
    const { authority, name, role, attributes, createdBy: askedBy } = code;
    await store.transaction(async (db) => {
      // Of two that come at the same time one has the code.
      if (!(await codeTable.use(db, code.id, id))) throw new Fault("ENROLMENT_CODE_USED");
      await requests.add(db, {
        ...{ id, code: code.id, authority, name, role, attributes, askedBy, signing },
        ...{ encryption: sealing?.encoded ?? null, createdMs: now() },
      });
    });
    return (await requests.find(id))!;
  }

  async #pending(id: string): Promise<PendingRequest> {
    const request = await this.#deps.requests.find(id);
    if (request === undefined) throw new Fault("NOT_FOUND", "there is no such request");
    if (request.state !== "pending") throw new Fault("REQUEST_DECIDED");
    return request;
  }

  async #make(pending: PendingRequest, issuedBy: string): Promise<NewCertificate[]> {
    const { authorities, issuance, keys } = this.#deps;
    const { name, role, attributes } = pending;
    const authority = authorities.find(pending.authority);
    const signing = verifyRequest(pending.signing);
    const { publicKey } = signing.key;
    // Between hand-in and approval the key may have been revoked.
    await keys.check(publicKey, { purpose: "signing", name, role });
    const deviceSerial = namePart(signing.subject, "serialNumber");
    const order = { name, role, attributes, deviceSerial, issuedBy };
    const first = issuance.make(authority, { ...order, purpose: "signing", publicKey });
    const made = [first];
    if (pending.encryption !== null) {
      const { key } = verifyRequest(pending.encryption);
      const subject = { publicKey: key.publicKey, identity: first.identity };
      made.push(issuance.make(authority, { ...order, ...subject, purpose: "encryption" }));
    }
    return made;
  }

  async #decide(id: string, decision: Decision, made: readonly NewCertificate[]): Promise<void> {
    const { store, requests, certificates } = this.#deps;
    await store.transaction(async (db) => {
      if (!(await requests.decide(db, id, decision))) throw new Fault("REQUEST_DECIDED");
      await certificates.add(db, made);
    });
  }
}
