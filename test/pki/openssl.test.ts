import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { certificateFingerprint, parseCertificate } from "@gridledger/protocol/pki/certificate";
import { verifyChain } from "@gridledger/protocol/pki/chain";
import { parseCrl } from "@gridledger/protocol/pki/crl";
import { issueCertificate } from "@gridledger/protocol/pki/issue-certificate";
import { oid } from "@gridledger/protocol/pki/oids";
import { formatPem, type PemLabel, parsePem } from "@gridledger/protocol/pki/pem";
import { createRequest, verifyRequest } from "@gridledger/protocol/pki/request";
import { encodeSubjectRole } from "@gridledger/protocol/pki/role-extension";
import { type Actor, Consortium, coded, DAY_MS, NOW_MS } from "./consortium.ts";

const program = "openssl";
const found = spawnSync(program, ["version"], { encoding: "utf8" });
const skip = found.status === 0 ? false : "left out: there is no openssl program here";
const folder = mkdtempSync(join(tmpdir(), "gridledger-pki-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const ID = "distid:1234567812345678";
/** OpenSSL takes an empty SM2 user ID unless it is told the one everybody uses. */
const kinds = {
  international: { curve: "P-256", digest: "-sha256", sign: [], verify: [] },
  sm: { curve: "SM2", digest: "-sm3", sign: ["-sigopt", ID], verify: ["-vfyopt", ID] },
} as const;

function openssl(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", cwd: folder });
  assert.equal(status, 0, `openssl ${args.join(" ")}\n${stdout}${stderr}`);
  return stdout + stderr;
}

function save(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return name;
}

const load = (name: string) => readFileSync(join(folder, name), "utf8");
const loadPem = (label: PemLabel, name: string) => parsePem(label, load(name))[0]!;
const savePem = (name: string, label: PemLabel, { encoded }: { encoded: Uint8Array }) =>
  save(name, formatPem(label, encoded));

function saveKey(name: string, { pkcs8 }: Actor): string {
  const body = Buffer.from(pkcs8).toString("base64");
  return save(name, `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`);
}

for (const name of ["international", "sm"] as const) {
  const kind = kinds[name];
  const consortium = new Consortium(name);
  const { root, authority, device, suite, deviceActor } = consortium;
  const time = ["-attime", String(NOW_MS / 1000)];
  const files = {
    root: savePem(`${name}-root.pem`, "CERTIFICATE", root),
    authority: savePem(`${name}-authority.pem`, "CERTIFICATE", authority),
    device: savePem(`${name}-device.pem`, "CERTIFICATE", device),
  };
  const chain = ["-CAfile", files.root, "-untrusted", files.authority];

  test(`${name}: OpenSSL verifies our chain, strictly`, { skip }, () => {
    const strict = ["-x509_strict", ...kind.verify, ...time];
    const client = [...strict, "-purpose", "sslclient"];
    // `-vfyopt` reaches the first certificate only, so an SM2 chain is verified link by link.
    const partial = ["-partial_chain", "-trusted", files.authority];
    assert.match(openssl("verify", ...client, ...partial, files.device), /: OK/);
    assert.match(openssl("verify", ...strict, "-CAfile", files.root, files.authority), /: OK/);
    if (name === "international") {
      assert.match(openssl("verify", ...client, ...chain, files.device), /: OK/);
    }
    const wrong = ["verify", ...strict, "-partial_chain", "-trusted", files.root, files.device];
    assert.notEqual(spawnSync(program, wrong, { cwd: folder }).status, 0);
  });

  test(`${name}: OpenSSL reads role, names and key identifiers`, { skip }, () => {
    const text = openssl(
      "x509",
      "-in",
      files.device,
      "-noout",
      "-text",
      "-nameopt",
      "utf8,oneline",
    );
    assert.match(text, /OU = device/);
    assert.match(text, /CA:FALSE/);
    assert.match(text, /TLS Web Client Authentication/);
    assert.match(text, /Digital Signature, Non Repudiation/);
    assert.ok(text.includes(oid.role));
    assert.match(text, /URI:http:\/\/hub\.example\/crl\/csg\.crl/);
  });

  test(`${name}: OpenSSL verifies our request`, { skip }, () => {
    const subject = {
      organisation: "China Southern Grid",
      role: "device",
      commonName: "网关",
    } as const;
    const encoded = createRequest(suite, deviceActor.signer, {
      subject,
      challengePassword: "7F3K-22QX",
      altNames: { dns: ["gw.example"], ip: ["10.0.0.7"] },
    });
    const file = savePem(`${name}-ours.csr`, "CERTIFICATE REQUEST", { encoded });
    const text = openssl("req", "-verify", "-in", file, "-noout", "-text", ...kind.verify);
    assert.match(text, /verify OK/);
    assert.match(text, /challengePassword\s*:\s*7F3K-22QX/);
    assert.match(text, /DNS:gw\.example, IP Address:10\.0\.0\.7/);
  });

  test(`${name}: OpenSSL reads our CRL and, for P-256, verifies and obeys it`, { skip }, () => {
    const reason = "keyCompromise";
    const revoked = new Map([[device.serial, { revokedAtMs: NOW_MS - DAY_MS, reason }]] as const);
    const crl = savePem(`${name}.crl`, "X509 CRL", consortium.crl(consortium.issuer, revoked, 9n));
    const text = openssl("crl", "-in", crl, "-noout", "-text");
    assert.match(text, /Version 2/);
    assert.match(text, /CRL Number:\s*9/);
    assert.match(text, /Key Compromise/);
    assert.ok(text.includes(device.serial.toUpperCase()));
    // OpenSSL 3.0 gives no way to tell `crl` and `-crl_check` the SM2 user ID.
    if (name === "sm") return;
    assert.match(openssl("crl", "-in", crl, "-CAfile", files.authority, "-noout"), /verify OK/);
    const rootCrl = savePem("root.crl", "X509 CRL", consortium.crl(consortium.rootIssuer));
    const good = savePem("good.crl", "X509 CRL", consortium.crl());
    const check = ["-crl_check_all", "-check_ss_sig", ...time, ...chain];
    assert.match(
      openssl("verify", ...check, "-CRLfile", rootCrl, "-CRLfile", good, files.device),
      /: OK/,
    );
    const refused = spawnSync(
      program,
      ["verify", ...check, "-CRLfile", rootCrl, "-CRLfile", crl, files.device],
      { cwd: folder, encoding: "utf8" },
    );
    assert.match(refused.stderr, /certificate revoked/);
  });

  test(`${name}: a consortium made by OpenSSL verifies here`, { skip }, () => {
    const made = makeByOpenssl(name);
    const certificates = ["root", "authority", "device"].map((part) =>
      parseCertificate(loadPem("CERTIFICATE", `${made}-${part}.pem`)),
    );
    const [theirRoot, theirAuthority, theirDevice] = certificates;
    const crls = ["root", "authority"].map((part) =>
      parseCrl(loadPem("X509 CRL", `${made}-${part}.crl`)),
    );
    const input = {
      certificate: theirDevice!,
      intermediates: [theirAuthority!],
      roots: [theirRoot!],
      crls,
      atMs: Date.now(),
      usage: "signing",
    } as const;
    const identity = verifyChain({ ...input, suite });
    assert.equal(identity.commonName, "网关 1");
    assert.equal(identity.role, "device");
    assert.equal(identity.attributes.get("meter"), "42");
    openssl(
      "ca",
      "-config",
      `${made}-authority.cnf`,
      "-revoke",
      `${made}-device.pem`,
      ...caOptions(made, "authority"),
    );
    gencrl(made, "authority", kind);
    const after = parseCrl(loadPem("X509 CRL", `${made}-authority.crl`));
    assert.equal(after.revoked.size, 1);
    assert.throws(
      () => verifyChain({ ...input, crls: [crls[0]!, after] }),
      coded("CERTIFICATE_REVOKED"),
    );
  });

  test(`${name}: a request made by OpenSSL is verified and served here`, { skip }, () => {
    const config = save(
      `${name}-req.cnf`,
      "[req]\nprompt=no\nstring_mask=utf8only\nutf8=yes\ndistinguished_name=dn\nattributes=at\nreq_extensions=ex\n" +
        "[dn]\nO=China Southern Grid\nCN=gw 9\n[at]\nchallengePassword=CODE-0001\n[ex]\nsubjectAltName=DNS:gw9.example\n",
    );
    const key = saveKey(`${name}-req.key`, deviceActor);
    const out = `${name}-theirs.csr`;
    openssl("req", "-new", "-config", config, "-key", key, kind.digest, ...kind.sign, "-out", out);
    const request = verifyRequest(loadPem("CERTIFICATE REQUEST", out));
    assert.equal(request.challengePassword, "CODE-0001");
    assert.deepEqual(request.altNames, { dns: ["gw9.example"], ip: [] });
    const fields = consortium.fields({ publicKey: request.key.publicKey });
    const issued = issueCertificate(consortium.issuer, fields);
    assert.equal(verifyChain(consortium.chain({ certificate: issued })).role, "device");
    assert.equal(certificateFingerprint(issued).length, 32);
  });
}

function caOptions(made: string, part: string): string[] {
  return ["-keyfile", `${made}-${part}.key`, "-cert", `${made}-${part}.pem`];
}

function gencrl(made: string, part: string, kind: (typeof kinds)[keyof typeof kinds]): void {
  const config = `${made}-${part}.cnf`;
  openssl(
    "ca",
    "-gencrl",
    "-config",
    config,
    ...caOptions(made, part),
    "-md",
    kind.digest.slice(1),
    ...kind.sign,
    "-out",
    `${made}-${part}.crl`,
  );
}

/** Root, authority and device with OpenSSL's own tools, and CRLs of the two authorities. */
function makeByOpenssl(name: keyof typeof kinds): string {
  const kind = kinds[name];
  const made = `openssl-${name}`;
  const role = encodeSubjectRole({ role: "device", attributes: new Map([["meter", "42"]]) });
  const config = save(
    `${made}.cnf`,
    `[req]\ndistinguished_name=dn\n[dn]\n
[ca]\nbasicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n
[sub]\nbasicConstraints=critical,CA:true,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always,issuer:always\n
[ee]\nbasicConstraints=CA:false\nkeyUsage=critical,digitalSignature\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash
${oid.role}=DER:${Buffer.from(role).toString("hex")}\n`,
  );
  const people = [
    { part: "root", subject: "/C=CN/O=Consortium/CN=Root", section: "ca", by: "root" },
    { part: "authority", subject: "/C=CN/O=电网/CN=CA", section: "sub", by: "root" },
    { part: "device", subject: "/C=CN/O=电网/OU=device/CN=网关 1", section: "ee", by: "authority" },
  ];
  for (const { part, subject, section, by } of people) {
    const own = `${made}-${part}`;
    openssl(
      "genpkey",
      "-algorithm",
      "EC",
      "-pkeyopt",
      `ec_paramgen_curve:${kind.curve}`,
      "-out",
      `${own}.key`,
    );
    const common = [
      "-config",
      config,
      "-utf8",
      "-subj",
      subject,
      "-key",
      `${own}.key`,
      kind.digest,
      ...kind.sign,
    ];
    if (part === "root") {
      openssl(
        "req",
        "-x509",
        "-days",
        "99",
        ...common,
        "-extensions",
        section,
        "-out",
        `${own}.pem`,
      );
    } else {
      openssl("req", "-new", ...common, "-out", `${own}.csr`);
      const issuer = ["-CA", `${made}-${by}.pem`, "-CAkey", `${made}-${by}.key`, "-CAcreateserial"];
      const ext = ["-extfile", config, "-extensions", section, "-days", "9"];
      openssl(
        "x509",
        "-req",
        "-in",
        `${own}.csr`,
        ...issuer,
        ...ext,
        kind.digest,
        ...kind.sign,
        ...kind.verify,
        "-out",
        `${own}.pem`,
      );
    }
    if (part === "device") continue;
    save(`${own}.db`, "");
    save(`${own}.number`, "1000\n");
    save(
      `${own}.cnf`,
      `[ca]\ndefault_ca=d\n[d]\ndatabase=${own}.db\ncrlnumber=${own}.number\ndefault_crl_days=7\ncrl_extensions=x\ndefault_md=${kind.digest.slice(1)}\n[x]\nauthorityKeyIdentifier=keyid:always\n`,
    );
    gencrl(made, part, kind);
  }
  return made;
}

test("OpenSSL's other curves and algorithms are refused with a code", { skip }, () => {
  const make = (out: string, ...args: string[]) => {
    execFileSync(
      program,
      [
        "req",
        "-x509",
        "-nodes",
        "-subj",
        "/CN=x",
        "-keyout",
        "/dev/null",
        "-addext",
        "keyUsage=keyCertSign",
        "-out",
        out,
        ...args,
      ],
      { cwd: folder, stdio: "ignore" },
    );
    return loadPem("CERTIFICATE", out);
  };
  const curve = (name: string, ...rest: string[]) =>
    make("wrong.pem", "-newkey", "ec", "-pkeyopt", `ec_paramgen_curve:${name}`, ...rest);
  const refused = [
    make("rsa.pem", "-newkey", "rsa:2048"),
    make("ed.pem", "-newkey", "ed25519"),
    curve("P-384"),
    curve("secp256k1"),
    curve("brainpoolP256r1"),
    curve("P-256", "-sha384"),
    // CVE-2020-0601: whoever may state the curve's parameters owns every key.
    curve("P-256", "-pkeyopt", "ec_param_enc:explicit"),
  ];
  for (const encoded of refused) {
    assert.throws(() => parseCertificate(encoded), coded("PKI_ALGORITHM"));
  }
  const unknown = curve("P-256", "-addext", "1.2.3.4=critical,DER:0500");
  assert.throws(() => parseCertificate(unknown), coded("CERTIFICATE_EXTENSION"));
  const hinted = curve("P-256", "-addext", "nameConstraints=permitted;DNS:example");
  assert.throws(() => parseCertificate(hinted), coded("CERTIFICATE_EXTENSION"));
});
