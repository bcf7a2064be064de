import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { words } from "../state/language.ts";
import { CopyButton } from "./hash.tsx";

type Request = RouteAnswer<"recoveryRequests">["items"][number];

/** What the caller's own identity can do now, and the command that does it on their machine. */
export function RecoveryWaiting({ requests }: { readonly requests: readonly Request[] }) {
  return (
    <>
      {requests
        .filter(({ waiting }) => waiting !== null)
        .map((one) => (
          <Waiting key={one.id} request={one} />
        ))}
    </>
  );
}

function Waiting({ request }: { readonly request: Request }) {
  const { recovery: word } = words.value;
  const { id, label, requester, reason, legalBasis, waiting } = request;
  const isRelease = waiting === "release";
  return (
    <div class="notice">
      <p>{isRelease ? word.release(label, requester.name ?? requester.id) : word.collect(label)}</p>
      <p class="muted">
        {word.reason}: {reason} · {word.legalBasis}: {legalBasis}
      </p>
      <CommandLine
        text={
          isRelease
            ? `gridledger recovery release ${id} --key me.key --encryption-key me-encryption.key`
            : `gridledger recovery collect ${id} --key me.key --new-key new.key --out recovered.key`
        }
      />
    </div>
  );
}

/** A line for a terminal, with a button that copies it. */
export function CommandLine({ text }: { readonly text: string }) {
  const { recovery: word } = words.value;
  return (
    <p class="command">
      <code>{text}</code>
      <CopyButton text={text} name={word.command} />
    </p>
  );
}
