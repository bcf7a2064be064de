import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { formatPem, type PemLabel } from "@gridledger/protocol/pki/pem";
import { Office, ORGANISATION } from "./office.ts";

const program = "openssl";
const found = spawnSync(program, ["version"], { encoding: "utf8" });
const skip = found.status === 0 ? false : "left out: there is no openssl program here";
const folder = mkdtempSync(join(tmpdir(), "gl-ca-openssl-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** OpenSSL takes an empty SM2 user ID unless it is told the one everybody uses. */
const ID = "distid:1234567812345678";
const verifyOptions = { international: [], sm: ["-vfyopt", ID] } as const;

function run(...args: string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", cwd: folder });
  return { status, text: stdout + stderr };
}

function openssl(...args: string[]): string {
  const { status, text } = run(...args);
  assert.equal(status, 0, `openssl ${args.join(" ")}\n${text}`);
  return text;
}

function save(name: string, label: PemLabel, { encoded }: { encoded: Uint8Array }): string {
  writeFileSync(join(folder, name), formatPem(label, encoded));
  return name;
}

for (const suite of ["international", "sm"] as const) {
  test(`${suite}: openssl agrees with all that the authority makes`, { skip }, async () => {
    const office = await new Office(suite).start();
    // The CRL must not be of a day that OpenSSL's -attime does not know.
    const time = ["-attime", String(office.clock.now() / 1_000)];
    const { root, rootCrl, all } = office.authority.authorities;
    const [key, sealing] = [office.builder.newKey("k"), office.builder.newKey("s")];
    const [signing, encryption] = await office.enrol("gateway-7", key, sealing);
    const files = {
      root: save("root.pem", "CERTIFICATE", root),
      issuing: save("issuing.pem", "CERTIFICATE", all[0]!.certificate),
      signing: save("signing.pem", "CERTIFICATE", signing!),
      encryption: save("encryption.pem", "CERTIFICATE", encryption!),
      rootCrl: save("root.crl", "X509 CRL", rootCrl),
      crl: save("good.crl", "X509 CRL", office.authority.crls.current(all[0]!)),
    };
    const strict = ["-x509_strict", ...verifyOptions[suite], ...time];
    // `-vfyopt` reaches the first certificate only, so an SM2 chain is verified link by link.
    const link = ["-partial_chain", "-trusted", files.issuing];
    openssl("verify", ...strict, "-CAfile", files.root, files.issuing);
    openssl("verify", ...strict, "-purpose", "sslclient", ...link, files.signing);
    openssl("verify", ...strict, ...link, files.encryption);
    assert.match(openssl("crl", "-in", files.crl, "-noout", "-text"), /CRL Number:\s*1/);
    await office.authority.revoke(signing!.serial, "keyCompromise", "bob");
    const revoked = save("bad.crl", "X509 CRL", office.authority.crls.current(all[0]!));
    assert.match(openssl("crl", "-in", revoked, "-noout", "-text"), /Key Compromise/);
    // OpenSSL 3.0 gives no way to tell `crl` and `-crl_check` the SM2 user ID.
    if (suite === "international") {
      for (const crl of [files.crl, revoked]) openssl("crl", "-in", crl, "-CAfile", files.issuing);
      const chain = ["-CAfile", files.root, "-untrusted", files.issuing, "-crl_check_all"];
      const check = ["verify", ...time, ...chain, "-CRLfile", files.rootCrl, "-CRLfile"];
      openssl(...check, files.crl, files.signing);
      assert.match(run(...check, revoked, files.signing).text, /certificate revoked/);
    }
    await office.stop();
  });

  test(`${suite}: a request that openssl made is enrolled`, { skip }, async () => {
    const office = await new Office(suite).start();
    const code = await office.code("gateway-7");
    const config = `[req]\nprompt=no\nutf8=yes\nstring_mask=utf8only\ndistinguished_name=dn\nattributes=at\n[dn]\nO=${ORGANISATION}\nCN=gateway-7\n[at]\nchallengePassword=${code}\n`;
    writeFileSync(join(folder, "req.cnf"), config);
    const curve = suite === "sm" ? "SM2" : "P-256";
    const key = ["-pkeyopt", `ec_paramgen_curve:${curve}`, "-pkeyopt", "ec_param_enc:named_curve"];
    openssl(
      "genpkey",
      "-algorithm",
      suite === "sm" ? "SM2" : "EC",
      ...(suite === "sm" ? [] : key),
      "-out",
      "key.pem",
    );
    const sign = suite === "sm" ? ["-sm3", "-sigopt", ID] : ["-sha256"];
    openssl("req", "-new", "-config", "req.cnf", "-key", "key.pem", ...sign, "-out", "their.csr");
    const signing = readFileSync(join(folder, "their.csr"), "utf8");
    const { id } = await office.authority.desk.submit({ signing });
    await office.authority.approve(id, "bob");
    const { serials } = (await office.authority.desk.find(id))!;
    assert.equal((await office.authority.certificates.find(serials[0]!))?.name, "gateway-7");
    await office.stop();
  });
}
