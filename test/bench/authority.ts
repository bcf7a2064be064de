import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identityId } from "@gridledger/protocol/crypto/identity-id";
import { suiteByName } from "@gridledger/protocol/crypto/suites";
import { formatHex } from "@gridledger/protocol/hex";
import { Authorities } from "../../hub/src/ca/authorities.ts";
import { AuthorityFolder } from "../../hub/src/ca/authority-folder.ts";
import { Issuance } from "../../hub/src/ca/issuance.ts";
import { CertificateTable } from "../../hub/src/ca/tables/certificate-table.ts";
import { Store } from "../../hub/src/store/store.ts";
import { type Figure, figure, median } from "./figure.ts";

const ROUNDS = 7;
const PER_ROUND = 150;
const KEYS = 64;

/** Works a second of wall time: the disk's too. */
async function rate(count: number, work: (i: number) => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  for (let i = 0; i < count; i++) await work(i);
  return (count * 1_000) / (performance.now() - startMs);
}

/** Works a second of this process's CPU time: others on the machine do not count. */
function cpuRate(count: number, work: (i: number) => unknown): number {
  const start = process.cpuUsage();
  for (let i = 0; i < count; i++) work(i);
  const { user, system } = process.cpuUsage(start);
  return (count * 1_000_000) / (user + system);
}

/**
 * Certificates a second, each signed and durably in the table before the next one, and signed alone;
 * the limit is the issuing key's bare signatures in the same rounds.
 */
async function measureSuite(name: string): Promise<Figure[]> {
  const suite = suiteByName(name);
  const folder = mkdtempSync(join(tmpdir(), "gl-bench-ca-"));
  const [now, unlockFile] = [() => Date.now(), join(folder, "ca.unlock")];
  const files = new AuthorityFolder({ suite, folder: join(folder, "ca"), unlockFile });
  files.createRoot("Bench", now());
  files.createIssuing("Bench", now());
  const authority = new Authorities(files.root(), () => files.rootCrl(), files.issuing()).find();
  const store = new Store({ file: join(folder, "hub.sqlite") });
  await store.start();
  const certificates = new CertificateTable(store);
  const identityOf = (key: Uint8Array) => formatHex(identityId(suite.hash, key));
  const issuance = new Issuance({ store, certificates, identityOf, now }, { certificateDays: 365 });
  const keys = Array.from({ length: KEYS }, () => suite.signer(suite.generateKey()).publicKey);
  const order = (i: number) => ({
    ...({ purpose: "signing", name: `gateway-${i}`, role: "device", issuedBy: "bench" } as const),
    publicKey: keys[i % KEYS]!,
  });
  const message = Buffer.alloc(600, "certificate");
  const rounds: { raw: number; made: number; kept: number }[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push({
        raw: cpuRate(PER_ROUND * 4, () => authority.signer.sign(message)),
        made: cpuRate(PER_ROUND, (i) => issuance.make(authority, order(i))),
        kept: await rate(PER_ROUND, (i) => issuance.issue(authority, order(i))),
      });
    }
  } finally {
    await store.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const of = (pick: (round: (typeof rounds)[number]) => number) => median(rounds.map(pick));
  const raw = of((round) => round.raw);
  return [
    figure(
      `ca.${name}.certificates_made`,
      of((round) => round.made),
      "certificates/s",
      raw,
    ),
    figure(
      `ca.${name}.certificates_kept`,
      of((round) => round.kept),
      "certificates/s",
    ),
  ];
}

export async function measureAuthority(): Promise<Figure[]> {
  return [...(await measureSuite("international")), ...(await measureSuite("sm"))];
}
