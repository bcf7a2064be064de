import { type RestRole, restRoles } from "@gridledger/protocol/api/access";
import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { useSignal } from "@preact/signals";
import { formatAttributes, parseAttributes } from "../format/attributes.ts";
import { words } from "../state/language.ts";
import { api } from "../state/session.ts";
import { Checks } from "./checks.tsx";
import { Choice } from "./choice.tsx";
import { Field } from "./field.tsx";
import { Refusal } from "./refusal.tsx";
import { Secret } from "./secret.tsx";
import { useSubmit } from "./use-submit.ts";

export type User = RouteAnswer<"users">["items"][number];

const roleOptions = () =>
  restRoles.map((role) => [role, words.value.identities.roles[role]] as const);

export function AddUserForm({ done }: { readonly done: () => void }) {
  const { users: word } = words.value;
  const name = useSignal("");
  const kind = useSignal<User["kind"]>("person");
  const roles = useSignal<readonly RestRole[]>([]);
  const attributes = useSignal("");
  const added = useSignal<RouteAnswer<"addUser"> | null>(null);
  const { busy, error, submit } = useSubmit(async () => {
    added.value = null;
    const body = { name: name.value.trim(), kind: kind.value, roles: [...roles.value] };
    const given = { ...body, attributes: parseAttributes(attributes.value) };
    added.value = await api.call("addUser", { body: given });
    name.value = attributes.value = "";
    roles.value = [];
    done();
  });
  const kinds = (["person", "program"] as const).map((one) => [one, word.kinds[one]] as const);
  return (
    <form onSubmit={submit}>
      <p class="muted">{word.addNote}</p>
      {error !== null && <Refusal error={error} />}
      <Field name={word.name} text={name} hint={word.nameHint} maxLength={32} autocomplete="off" />
      <Choice
        name={word.kind}
        options={kinds}
        chosen={kind.value}
        choose={(one) => (kind.value = one)}
      />
      <Checks name={word.roles} options={roleOptions()} chosen={roles} />
      <AttributesField text={attributes} />
      <button type="submit" class="primary" disabled={busy}>
        {word.add}
      </button>
      {added.value && <OneTime answer={added.value} />}
    </form>
  );
}

interface EditUserProps {
  readonly user: User;
  readonly done: () => void;
}

export function EditUserForm({ user, done }: EditUserProps) {
  const { users: word } = words.value;
  const roles = useSignal<readonly RestRole[]>(user.roles);
  const attributes = useSignal(formatAttributes(user.attributes));
  const fresh = useSignal<RouteAnswer<"addUser"> | null>(null);
  const saved = useSignal(false);
  const params = { user: user.name };
  const change = async (body: { enabled?: boolean }) => {
    saved.value = false;
    const rights = { roles: [...roles.value], attributes: parseAttributes(attributes.value) };
    await api.call("changeUser", { params, body: { ...rights, ...body } });
    saved.value = true;
    done();
  };
  const save = useSubmit(() => change({}));
  const toggle = useSubmit(() => change({ enabled: !user.enabled }));
  const reset = useSubmit(async () => {
    fresh.value = await api.call("resetPassword", { params });
    done();
  });
  const error = save.error ?? toggle.error ?? reset.error;
  return (
    <form onSubmit={save.submit}>
      <p class="muted">{word.saveNote}</p>
      {error !== null && <Refusal error={error} />}
      <Checks name={word.roles} options={roleOptions()} chosen={roles} />
      <AttributesField text={attributes} />
      <div class="actions">
        <button type="submit" class="primary" disabled={save.busy}>
          {word.save}
        </button>
        <button type="button" disabled={toggle.busy} onClick={toggle.submit}>
          {user.enabled ? word.disable : word.enable}
        </button>
        {user.kind === "person" && (
          <button type="button" disabled={reset.busy} onClick={reset.submit}>
            {word.reset}
          </button>
        )}
      </div>
      <p role="status">{saved.value && word.saved(user.name)}</p>
      {fresh.value && <OneTime answer={fresh.value} />}
    </form>
  );
}

function AttributesField({ text }: Pick<Parameters<typeof Field>[0], "text">) {
  const { users: word } = words.value;
  const shown = { name: word.attributes, hint: word.attributesHint, autocomplete: "off" } as const;
  return <Field {...shown} text={text} isOptional maxLength={512} />;
}

function OneTime({ answer }: { readonly answer: RouteAnswer<"addUser"> }) {
  const { users: word } = words.value;
  const { user, oneTimePassword } = answer;
  if (oneTimePassword === null) return <p role="status">{word.program(user.name)}</p>;
  return <Secret title={word.secret(user.name)} secret={oneTimePassword} />;
}
