import {
  type Permission,
  permissionNames,
  type RestRole,
  restRoles,
} from "@gridledger/protocol/api/access";
import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { useSignal } from "@preact/signals";
import { language, words } from "../state/language.ts";
import { api, may } from "../state/session.ts";
import { Choice, Select } from "./choice.tsx";
import { Field } from "./field.tsx";
import { Panel } from "./panel.tsx";
import { Refusal } from "./refusal.tsx";
import { Table } from "./table.tsx";
import { useSubmit } from "./use-submit.ts";

type Access = RouteAnswer<"access">;
type Rule = Access["rules"][number];

interface RulesProps {
  readonly access: Access;
  readonly done: () => void;
}

/** The rules in the order in which they are read; added ones can be taken away. */
export function RuleTable({ access, done }: RulesProps) {
  const { policy: word } = words.value;
  const removed = useSignal("");
  const { busy, error, submit } = useSubmit(async () => {
    const rules = added(access).filter(({ id }) => id !== removed.value);
    const body = { version: access.version, note: word.removeName(removed.value), rules };
    await api.call("setRules", { body });
    done();
  });
  return (
    <Panel title={word.rules}>
      <p class="muted">{word.rulesNote}</p>
      {error !== null && <Refusal error={error} />}
      <Table
        name={word.rules}
        columns={[
          { title: word.why },
          { title: word.effect },
          { title: word.roles },
          { title: word.permission, wide: true },
          { title: word.where, wide: true },
          { title: word.rule },
        ]}
      >
        {access.rules.map((rule) => (
          <tr key={rule.id}>
            <RuleCells rule={rule} />
            <td>
              {rule.id} ({word.origins[rule.origin]}){" "}
              {rule.origin === "added" && may("access.manage") && (
                <button
                  type="button"
                  class="small"
                  disabled={busy}
                  aria-label={word.removeName(rule.id)}
                  onClick={(event) => {
                    removed.value = rule.id;
                    submit(event);
                  }}
                >
                  {word.remove}
                </button>
              )}
            </td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

function RuleCells({ rule }: { readonly rule: Rule }) {
  const { policy: word, permissions, identities, common } = words.value;
  const roleNames = { ...identities.roles, member: word.member, local: word.local };
  const conditions = rule.where.map(
    ({ attribute, oneOf, sameAs }) => `${attribute} = ${sameAs ?? oneOf?.join(" | ")}`,
  );
  return (
    <>
      <td class="wrap">{language.value === "en" ? rule.why.en : rule.why.zh}</td>
      <td>{word.effects[rule.effect]}</td>
      <td>{rule.roles.map((role) => roleNames[role]).join(", ")}</td>
      <td class="wide wrap">{rule.permissions.map((one) => permissions[one]).join(", ")}</td>
      <td class="wide wrap">{conditions.join(", ") || common.none}</td>
    </>
  );
}

/** One rule more, for one role and one permission; the command line and REST take any. */
export function AddRuleForm({ access, done }: RulesProps) {
  const { policy: word, permissions, identities } = words.value;
  const effect = useSignal<Rule["effect"]>("deny");
  const role = useSignal<RestRole>("application");
  const permission = useSignal<Permission>("ledger.read");
  const why = useSignal("");
  const { busy, error, submit } = useSubmit(async () => {
    const reason = why.value.trim();
    const rule = {
      id: `added.${access.version + 1}`,
      effect: effect.value,
      roles: [role.value],
      permissions: [permission.value],
      why: { en: reason, zh: reason },
    };
    const rules = [...added(access), rule];
    await api.call("setRules", { body: { version: access.version, note: reason, rules } });
    why.value = "";
    done();
  });
  const effects = (["deny", "permit"] as const).map((one) => [one, word.effects[one]] as const);
  return (
    <form onSubmit={submit}>
      <p class="muted">{word.addNote}</p>
      {error !== null && <Refusal error={error} />}
      <Choice
        name={word.effect}
        options={effects}
        chosen={effect.value}
        choose={(one) => (effect.value = one)}
      />
      <Select
        name={word.role}
        options={restRoles.map((one) => [one, identities.roles[one]] as const)}
        chosen={role.value}
        choose={(one) => (role.value = one)}
      />
      <Select
        name={word.permission}
        options={permissionNames.map((one) => [one, permissions[one]] as const)}
        chosen={permission.value}
        choose={(one) => (permission.value = one)}
      />
      <Field name={word.why} text={why} maxLength={200} autocomplete="off" />
      <button type="submit" class="primary" disabled={busy}>
        {word.submit}
      </button>
    </form>
  );
}

function added({ rules }: Access) {
  return rules.filter(({ origin }) => origin === "added").map(({ origin: _, ...rule }) => rule);
}
