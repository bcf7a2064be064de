import type { RouteAnswer } from "@gridledger/protocol/api/contract";

type Certificate = RouteAnswer<"certificates">["items"][number];
const DAY_MS = 86_400_000;
const authority = "0123456789abcdef0123";

function certificate(index: number, name: string, days: number): Certificate {
  const serial = `4${String(index).padStart(31, "0")}`;
  return {
    ...{ serial, authority, purpose: "signing", name, role: "device", identity: authority },
    ...{ notBeforeMs: Date.now() - 300 * DAY_MS, notAfterMs: Date.now() + days * DAY_MS },
    ...{ state: "valid", issuedBy: "operator", replacedBy: null, revokedMs: null },
    ...{ reason: null, revokedBy: null, recorded: true },
  };
}

/** A certificate authority that only talks. */
export class FakeDesk {
  #certificates = [certificate(1, "gateway-1", 200), certificate(2, "gateway-2", 12)];
  #isPending = true;

  list(query: URLSearchParams): RouteAnswer<"certificates"> {
    const days = query.get("endsWithinDays");
    const state = query.get("state");
    const items = this.#certificates.filter(
      (one) =>
        (days === null || one.notAfterMs < Date.now() + Number(days) * DAY_MS) &&
        (state === null || one.state === state),
    );
    return { items, next: null };
  }

  certificate(serial: string): RouteAnswer<"certificate"> {
    const found = this.#certificates.find((one) => one.serial === serial)!;
    return { ...found, subject: found.name, attributes: {}, fingerprint: "", pem: "", chain: [] };
  }

  requests(): RouteAnswer<"certificateRequests"> {
    return { items: this.#isPending ? [this.#request("pending")] : [] };
  }

  approve(): RouteAnswer<"certificateRequest"> {
    this.#isPending = false;
    this.#certificates.unshift(certificate(3, "gateway-7", 365));
    return { ...this.#request("approved"), certificates: [], chain: [] };
  }

  revoke(serial: string): RouteAnswer<"revokeCertificate"> {
    this.#certificates = this.#certificates.map((one) =>
      one.serial === serial ? { ...one, state: "revoked", reason: "keyCompromise" } : one,
    );
    return this.certificate(serial);
  }

  code({ name = "" }: Readonly<Record<string, string>>): RouteAnswer<"createEnrolmentCode"> {
    const expiresMs = Date.now() + DAY_MS;
    return { code: "ABCDEF-1111-2222-3333-4444", name, role: "device", expiresMs };
  }

  #request(state: "pending" | "approved"): RouteAnswer<"certificateRequests">["items"][number] {
    return {
      ...{ id: "0".repeat(32), authority, name: "gateway-7", role: "device", attributes: {} },
      ...{ askedBy: "operator", hasEncryption: false, identity: authority, state },
      ...{ createdMs: Date.now(), decidedBy: null, decidedMs: null, detail: null, serials: [] },
    };
  }
}
