import { permissionNames } from "@gridledger/protocol/api/access";
import type { RouteAnswer } from "@gridledger/protocol/api/contract";
import { formatCount } from "../format/number.ts";
import { AskForm } from "../parts/ask-form.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { Page } from "../parts/page.tsx";
import { Panel } from "../parts/panel.tsx";
import { AddRuleForm, RuleTable } from "../parts/rules.tsx";
import { Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { useResource } from "../resource.ts";
import { words } from "../state/language.ts";
import { api, may } from "../state/session.ts";

type Access = RouteAnswer<"access">;

/** Who may do what, by which rule, and since when. */
export function AccessPage() {
  const { policy: word } = words.value;
  const access = useResource("access", () => api.call("access"));
  const version = access.data?.version ?? 0;
  const history = useResource("access history", () => api.call("accessHistory"), version);
  return (
    <Page title={word.title}>
      <Panel title={word.ask} class="narrow">
        <AskForm />
      </Panel>
      <Loaded resource={access}>
        {(given) => (
          <>
            <Matrix matrix={given.matrix} />
            <RuleTable access={given} done={access.reload} />
            {may("access.manage") && (
              <Panel title={word.add} class="narrow">
                <AddRuleForm access={given} done={access.reload} />
              </Panel>
            )}
          </>
        )}
      </Loaded>
      <Panel title={word.history}>
        <Loaded
          resource={history}
          isEmpty={({ items }) => items.length === 0}
          empty={word.noHistory}
        >
          {({ items }) => <History versions={items} />}
        </Loaded>
      </Panel>
    </Page>
  );
}

function Matrix({ matrix }: Pick<Access, "matrix">) {
  const { policy: word, permissions, identities } = words.value;
  return (
    <Panel title={word.matrix}>
      <p class="muted">{word.matrixNote}</p>
      <Table
        name={word.matrix}
        columns={[
          { title: word.permission },
          ...matrix.map(({ role }) => ({ title: identities.roles[role] })),
        ]}
      >
        {permissionNames.map((permission) => (
          <tr key={permission}>
            <th scope="row" title={permission}>
              {permissions[permission]}
            </th>
            {matrix.map(({ role, permissions: held }) => (
              <td key={role} class={held.includes(permission) ? "" : "denied"}>
                {held.includes(permission) ? word.yes : word.no}
              </td>
            ))}
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

function History({ versions }: { readonly versions: RouteAnswer<"accessHistory">["items"] }) {
  const { policy: word } = words.value;
  return (
    <Table
      name={word.history}
      columns={[
        { title: word.version, numeric: true },
        { title: word.time },
        { title: word.actor },
        { title: word.note },
        { title: word.count, numeric: true },
      ]}
    >
      {versions.map(({ version, timeMs, actor, note, rules }) => (
        <tr key={version}>
          <td class="num">{formatCount(version)}</td>
          <td>
            <Time ms={timeMs} as="full" />
          </td>
          <td>{actor}</td>
          <td>{note}</td>
          <td class="num">{formatCount(rules.length)}</td>
        </tr>
      ))}
    </Table>
  );
}
