import { type RouteName, routePaths } from "@gridledger/protocol/api/paths";

const NEW_PASSWORD = "correct horse battery";

/** A path of the route and a body, both of the right shape. */
export function example(name: RouteName): {
  method: string;
  path: string;
  body?: unknown;
} {
  const values: Record<string, string> = {
    ...{ height: "1", hash: "0".repeat(64), meter: "M1", timeMs: "1750000000000" },
    identity: "0".repeat(20),
    ...{ user: "nobody.here", serial: "aa", key: "1" },
    ...{ interval: "1", order: `0x${"0".repeat(64)}`, owner: `0x${"0".repeat(40)}` },
    id: idIn(routePaths[name].path),
    ...{ object: "0".repeat(64), index: "0" },
    ...{ address: `0x${"0".repeat(40)}`, slot: `0x${"0".repeat(64)}` },
  };
  const { method } = routePaths[name];
  const path = routePaths[name].path.replace(/\{(\w+)\}/g, (_, key: string) => values[key]!);
  const bodies: Partial<Record<RouteName, unknown>> = {
    submitTransaction: { transaction: "AAAA" },
    submitCorrection: { transaction: "AAAA" },
    placeMarketOrder: { transaction: "AAAA" },
    enrol: { name: "x", role: "device", publicKey: "A".repeat(44) },
    contractCall: { data: "0x" },
    putObject: { transaction: "AAAA", secret: "", leaves: "" },
    commitObject: {},
    signIn: { user: "operator", password: "wrong" },
    signInKey: { proof: "AAAA" },
    addToken: { name: "example", permissions: ["audit.read"] },
    addUser: { name: "nobody.here", roles: ["no-role"] },
    changeUser: {},
    setRules: { version: 99, note: "example", rules: [] },
    revokeAuthority: { reason: "superseded" },
    revokeCertificate: { reason: "keyCompromise" },
    renewCertificate: { renewal: "AAAA" },
    submitCertificateRequest: { signing: "-----BEGIN CERTIFICATE REQUEST-----" },
    rejectCertificateRequest: { detail: "no" },
    createEnrolmentCode: { name: "x", role: "device" },
    addWebhook: { url: "https://nobody.example/" },
    deliverKey: { name: "x", role: "device", recipientKey: "AAAA" },
    keepKey: { transaction: "AAAA", label: "x", box: "AAAA", sealedShares: ["AAAA", "AAAA"] },
    askForKey: { transaction: "AAAA", reason: "x", legalBasis: "x", expiresMs: 1 },
    releaseShare: { transaction: "AAAA", sealed: "AAAA" },
    reportShares: { places: [1] },
    completeRecovery: { transaction: "AAAA" },
    addMapping: { name: "x", database: "none", table: "t", key: ["id"] },
    pauseMapping: { paused: true },
    declareChanges: { keys: ["1"], reason: "example" },
    changePassword: { current: "wrong", next: NEW_PASSWORD },
  };
  const queries: Partial<Record<RouteName, string>> = {
    decision: "?user=nobody.here&permission=ledger.read",
  };
  const body = bodies[name];
  return {
    method: method.toUpperCase(),
    path: path + (queries[name] ?? ""),
    ...(body === undefined ? {} : { body }),
  };
}

/** An id of the shape that the route's things have. */
function idIn(path: string): string {
  if (path.includes("/ca/")) return "0".repeat(20);
  if (path.startsWith("/api/v1/mappings")) return "nothing";
  return /(?:requests|deliveries)\/\{id\}/.test(path) ? "0".repeat(32) : "A".repeat(12);
}
