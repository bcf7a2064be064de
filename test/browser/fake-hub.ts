import { createReadStream, existsSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { contract, type RouteAnswer, type StreamEvents } from "@gridledger/protocol/api/contract";
import { type RouteName, routePaths, streamPath } from "@gridledger/protocol/api/paths";
import { Fault, faultTable } from "@gridledger/protocol/faults";
import { fakeCatalogue, fakeFindings } from "./fake-catalogue.ts";
import { FakeChain, fakeHash } from "./fake-chain.ts";
import { FakeDesk } from "./fake-desk.ts";
import { type Call, fakeIdentity, type Session } from "./fake-identity.ts";
import { fakeKeeping } from "./fake-keeping.ts";
import { fakeMarket } from "./fake-market.ts";
import { FakeObjects, fakeRecord } from "./fake-objects.ts";

/** What the real hub should send too: the console needs nothing more. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const mimeTypes: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".html": "text/html; charset=utf-8",
};

const guest: Session = {
  signedIn: false,
  user: null,
  roles: [],
  permissions: ["ledger.read", "submission.read", "object.read"],
  mustChangePassword: false,
  csrfToken: null,
};

/** A hub that only talks: contract-shaped answers (each is parsed by the contract) and a stream. */
export class FakeHub {
  chain = new FakeChain(Date.now());
  session: Session = guest;
  desk = new FakeDesk();
  objects = new FakeObjects();
  /** Refuse every route that is not public. */
  isClosed = false;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #streams = new Set<ServerResponse>();
  readonly #webDir: string;
  /** Enrolments handed in, by transaction hash, and the height they saw; the next block has them. */
  readonly #enrolments = new Map<string, number>();

  constructor(webDir: string) {
    this.#webDir = webDir;
  }

  async start(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  reset(height?: number): void {
    this.chain = new FakeChain(Date.now(), height);
    this.session = guest;
    this.isClosed = false;
    this.desk = new FakeDesk();
    this.objects = new FakeObjects();
    this.dropStreams();
  }

  /** One more block, told to everybody. */
  seal(): void {
    this.chain.height++;
    this.chain.headTimeMs = Date.now();
    this.emit("block", this.chain.block(this.chain.height));
    this.tell();
  }

  tell(): void {
    this.emit("status", this.chain.status());
    this.emit("nodes", this.chain.nodes());
  }

  emit<Type extends keyof StreamEvents>(type: Type, data: StreamEvents[Type]): void {
    for (const stream of this.#streams) {
      stream.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
    }
  }

  dropStreams(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#streams.clear();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://hub");
    try {
      if (url.pathname === streamPath) this.#stream(response);
      else if (url.pathname.startsWith("/api/")) await this.#api(request, url, response);
      else this.#file(url.pathname, response);
    } catch (error) {
      sendProblem(response, error instanceof Fault ? error : new Fault("INTERNAL", String(error)));
    }
  }

  #stream(response: ServerResponse): void {
    if (this.isClosed && !this.session.signedIn) throw new Fault("NOT_SIGNED_IN");
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(": hello\n\n");
    this.#streams.add(response);
    response.on("close", () => this.#streams.delete(response));
  }

  async #api(request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
    const found = findRoute(request.method ?? "GET", url.pathname);
    if (found === null) throw new Fault("NOT_FOUND");
    const { name, params } = found;
    const isRefused = this.isClosed && !this.session.signedIn;
    if (isRefused && routePaths[name].permission !== "public") throw new Fault("NOT_SIGNED_IN");
    const call = {
      params,
      query: url.searchParams,
      body: await bodyOf(request),
      headers: request.headers,
    };
    const answer = contract[name].answer.parse(this.#answer(name, call));
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  }

  #answer(name: RouteName, call: Call): unknown {
    const { chain } = this;
    const answers: Partial<Record<RouteName, () => unknown>> = {
      status: () => chain.status(),
      genesis: () => ({ chainId: fakeHash("chain"), encoded: "oWF4AQ" }),
      nodes: () => chain.nodes(),
      proposals: () => chain.proposals(),
      evidence: () => chain.evidence(),
      committee: () => chain.committee(),
      blocks: () => chain.blocks(Number(call.query.get("limit") ?? 50), call.query.get("cursor")),
      block: () => chain.blockDetail(this.#knownHeight(call.params.height)),
      blockTransactions: () => chain.transactions(this.#knownHeight(call.params.height)),
      transaction: () => this.#transaction(call.params.hash ?? ""),
      transactionProof: () => chain.proof(),
      meters: () => chain.meters(),
      readings: () => chain.readings(call.query),
      corrections: () => chain.corrections(),
      copies: () => ({
        ...{ wanted: { public: 1, internal: 2, confidential: 3 }, objects: 12, underReplicated: 1 },
        ...{ copies: { held: 23, lying: 1 }, lookedMs: 1 },
        holders: ["validator-1", "validator-2"].map((name) => ({
          ...{ holder: fakeHash(name).slice(0, 20), name, store: null, capacityBytes: 268_435_456 },
          lost: name === "validator-2",
        })),
      }),
      identities: () => chain.identities(),
      overdueKeys: () => ({ periodDays: 365, count: 0, items: [] }),
      enrol: () => this.#enrol(call),
      ...fakeIdentity(call, this.session),
      ...fakeKeeping,
      ...fakeMarket,
      certificates: () => this.desk.list(call.query),
      certificate: () => this.desk.certificate(call.params.serial ?? ""),
      certificateRequests: () => this.desk.requests(),
      objects: () => this.objects.list(call.query.get("name") ?? ""),
      object: () => this.objects.find(call.params.object ?? ""),
      objectBundle: () => this.objects.bundle,
      transactionBundle: () => this.objects.bundle,
      completeness: () => fakeRecord(call.params.meter ?? "", Date.now()),
      catalogue: () => fakeCatalogue(call.query.get("search") ?? ""),
      findings: fakeFindings,
      enrolmentCodes: () => ({ items: [] }),
      createEnrolmentCode: () => this.desk.code(call.body),
      approveCertificateRequest: () => this.desk.approve(),
      revokeCertificate: () => this.desk.revoke(call.params.serial ?? ""),
      session: () =>
        this.isClosed && !this.session.signedIn ? { ...guest, permissions: [] } : this.session,
      signIn: () => this.#signIn(call),
      signOut: () => {
        this.#checkCsrf(call);
        this.session = guest;
        return { ...guest, permissions: this.isClosed ? [] : guest.permissions };
      },
      changePassword: () => {
        this.#checkCsrf(call);
        this.session = { ...this.session, mustChangePassword: false };
        return this.session;
      },
    };
    const answer = answers[name];
    if (answer === undefined) throw new Fault("NOT_FOUND");
    return answer();
  }

  #knownHeight(text = ""): number {
    const height = Number(text);
    if (!(height <= this.chain.height)) throw new Fault("NOT_FOUND");
    return height;
  }

  #signIn({ body }: Call): Session {
    if (body.password !== "one-time-7431") throw new Fault("LOGIN_FAILED");
    this.session = {
      signedIn: true,
      user: body.user ?? null,
      roles: ["operator"],
      permissions: ["ledger.read", "submission.read", "identity.enrol", "account.password"],
      mustChangePassword: true,
      csrfToken: "csrf-1",
    };
    return this.session;
  }

  #transaction(hash: string): RouteAnswer<"transaction"> {
    const seen = this.#enrolments.get(hash);
    const transaction = this.chain.transaction(hash);
    if (seen === undefined) return transaction;
    const isFinal = this.chain.height > seen;
    const place = isFinal
      ? { state: "final" as const, height: seen + 1 }
      : { state: "spooled" as const, height: null };
    return { ...transaction, kind: "enrolment", batch: null, ...place };
  }

  #enrol(call: Call): RouteAnswer<"enrol"> {
    this.#checkCsrf(call);
    const id = fakeHash(call.body.publicKey ?? "").slice(0, 20);
    const hash = fakeHash(id);
    this.#enrolments.set(hash, this.chain.height);
    return { id, hash, state: "spooled", height: null };
  }

  #checkCsrf({ headers }: Call): void {
    if (headers["x-csrf-token"] !== this.session.csrfToken) throw new Fault("FORBIDDEN");
  }

  #file(path: string, response: ServerResponse): void {
    const wanted = join(this.#webDir, path);
    const file =
      extname(path) !== "" && existsSync(wanted) ? wanted : join(this.#webDir, "index.html");
    response.writeHead(200, {
      "content-type": mimeTypes[extname(file)] ?? "application/octet-stream",
      "content-security-policy": contentSecurityPolicy,
    });
    createReadStream(file).pipe(response);
  }
}

function findRoute(method: string, path: string) {
  for (const [name, route] of Object.entries(routePaths)) {
    const pattern = route.path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
    const match = new RegExp(`^${pattern}$`).exec(path);
    if (match === null || route.method.toUpperCase() !== method) continue;
    const entries = Object.entries(match.groups ?? {});
    const params = Object.fromEntries(
      entries.map(([key, value]) => [key, decodeURIComponent(value)]),
    );
    return { name: name as RouteName, params };
  }
  return null;
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? {} : (JSON.parse(text) as Record<string, string>);
}

function sendProblem(response: ServerResponse, fault: Fault): void {
  const info = faultTable[fault.code];
  const status = info?.status ?? 500;
  response.writeHead(status, { "content-type": "application/problem+json" });
  response.end(
    JSON.stringify({
      type: `/problems/${fault.code}`,
      title: info?.en ?? fault.code,
      titleZh: info?.zh ?? fault.code,
      status,
      code: fault.code,
      detail: fault.message,
    }),
  );
}
