import type { RouteAnswer, RouteInput } from "@gridledger/protocol/api/contract";
import { useSignal } from "@preact/signals";
import { saveFile } from "../save-file.ts";
import { words } from "../state/language.ts";
import { api, may } from "../state/session.ts";
import { Select } from "./choice.tsx";
import { ShortHash } from "./hash.tsx";
import { Identity } from "./identity.tsx";
import { Refusal } from "./refusal.tsx";
import { Time } from "./time.tsx";
import { useSubmit } from "./use-submit.ts";

type Certificate = RouteAnswer<"certificates">["items"][number];
type Reason = RouteInput<"revokeCertificate">["body"]["reason"];

interface RowProps {
  readonly certificate: Certificate;
  readonly onChange: () => void;
}

export function CertificateRow({ certificate, onChange }: RowProps) {
  const { certificates: name, identities } = words.value;
  const { serial, role, state, identity, purpose, notAfterMs, revokedBy, reason } = certificate;
  const isRevoking = useSignal(false);
  const mayRevoke = may("certificate.revoke") && state === "valid";
  const roles: Readonly<Record<string, string>> = identities.roles;
  return (
    <tr>
      <td>
        {identity === null ? certificate.name : <Identity id={identity} name={certificate.name} />}
      </td>
      <td>{role === null ? words.value.common.none : (roles[role] ?? role)}</td>
      <td>{name.purposes[purpose]}</td>
      <td title={state === "revoked" ? `${reason}: ${revokedBy}` : ""}>
        {name.states[state]}
        {certificate.recorded ? "" : ` · ${name.unrecorded}`}
      </td>
      <td>
        <Time ms={notAfterMs} as="full" />
      </td>
      <td class="wide">
        <ShortHash text={serial} />
      </td>
      <td>
        {isRevoking.value ? (
          <RevokeForm
            serial={serial}
            done={() => {
              isRevoking.value = false;
              onChange();
            }}
            cancel={() => {
              isRevoking.value = false;
            }}
          />
        ) : (
          <div class="controls">
            <PemButton certificate={certificate} />
            {mayRevoke && (
              <button
                type="button"
                class="small"
                onClick={() => {
                  isRevoking.value = true;
                }}
              >
                {name.revoke}
              </button>
            )}
          </div>
        )}
      </td>
    </tr>
  );
}

function PemButton({ certificate }: { readonly certificate: Certificate }) {
  const { certificates: name } = words.value;
  const save = async () => {
    const { serial } = certificate;
    const { pem, chain } = await api.call("certificate", { params: { serial } });
    saveFile(`${certificate.name}.crt`, [pem, ...chain].join(""), "application/x-pem-file");
  };
  return (
    <button
      type="button"
      class="small"
      aria-label={`PEM: ${certificate.name}`}
      onClick={() => void save().catch(() => undefined)}
    >
      {name.pem}
    </button>
  );
}

interface RevokeProps {
  readonly serial: string;
  readonly done: () => void;
  readonly cancel: () => void;
}

/** Asks why, and that is the second thought too: a revocation is for good. */
function RevokeForm({ serial, done, cancel }: RevokeProps) {
  const { certificates: name } = words.value;
  const reason = useSignal<Reason>("keyCompromise");
  const { busy, error, submit } = useSubmit(async () => {
    await api.call("revokeCertificate", { params: { serial }, body: { reason: reason.value } });
    done();
  });
  const reasons = Object.entries(name.reasons) as [Reason, string][];
  return (
    <form onSubmit={submit}>
      {error !== null && <Refusal error={error} />}
      <Select
        name={name.reason}
        options={reasons}
        chosen={reason.value}
        choose={(one) => {
          reason.value = one;
        }}
      />
      <p class="muted">{name.forGood}</p>
      <div class="controls">
        <button type="submit" class="primary" disabled={busy}>
          {busy ? name.busy : name.revoke}
        </button>
        <button type="button" onClick={cancel}>
          {name.cancel}
        </button>
      </div>
    </form>
  );
}
