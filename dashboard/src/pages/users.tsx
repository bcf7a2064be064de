import { useSignal } from "@preact/signals";
import { formatAttributes } from "../format/attributes.ts";
import { Loaded } from "../parts/loaded.tsx";
import { Page } from "../parts/page.tsx";
import { Pager, useCursors } from "../parts/pager.tsx";
import { Panel } from "../parts/panel.tsx";
import { Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { AddUserForm, EditUserForm, type User } from "../parts/user-form.tsx";
import { useResource } from "../resource.ts";
import { words } from "../state/language.ts";
import { api, may, session } from "../state/session.ts";

/** Users with their roles; who manages them adds and edits here. */
export function UsersPage() {
  const { users: word } = words.value;
  const cursors = useCursors();
  const cursor = cursors.current;
  const edited = useSignal<string | null>(null);
  const page = useResource(`users ${cursor}`, () =>
    api.call("users", { query: { ...(cursor && { cursor }) } }),
  );
  const user = page.data?.items.find(({ name }) => name === edited.value);
  return (
    <Page title={word.title}>
      <Loaded resource={page} isEmpty={({ items }) => items.length === 0} empty={word.empty}>
        {({ items, next }) => (
          <>
            <UserTable users={items} edit={(name) => (edited.value = name)} />
            <Pager cursors={cursors} next={next} />
          </>
        )}
      </Loaded>
      {user && (
        <Panel
          title={word.edit(user.name)}
          class="narrow"
          aside={
            <button type="button" class="small" onClick={() => (edited.value = null)}>
              {word.cancel}
            </button>
          }
        >
          <EditUserForm key={`${user.name} ${user.enabled}`} user={user} done={page.reload} />
        </Panel>
      )}
      {may("user.manage") && (
        <Panel title={word.add} class="narrow">
          <AddUserForm done={page.reload} />
        </Panel>
      )}
    </Page>
  );
}

interface UserTableProps {
  readonly users: readonly User[];
  readonly edit: (name: string) => void;
}

function UserTable({ users, edit }: UserTableProps) {
  const { users: word, identities, common } = words.value;
  const isManager = may("user.manage");
  return (
    <Table
      name={word.title}
      columns={[
        { title: word.name },
        { title: word.roles },
        { title: word.state },
        { title: word.kind, wide: true },
        { title: word.attributes, wide: true },
        { title: word.lastSignIn, wide: true },
        ...(isManager ? [{ title: word.editShort }] : []),
      ]}
    >
      {users.map((user) => (
        <tr key={user.name}>
          <td class="name">{user.name}</td>
          <td class="name">
            {user.roles.map((role) => identities.roles[role]).join(", ") || word.none}
          </td>
          <td>
            {user.enabled ? word.enabled : word.disabled}
            {user.enabled && user.mustChangePassword && ` (${word.oneTime})`}
          </td>
          <td class="wide">{word.kinds[user.kind]}</td>
          <td class="wide">{formatAttributes(user.attributes) || common.none}</td>
          <td class="wide">
            {user.lastSignInMs === null ? word.never : <Time ms={user.lastSignInMs} as="full" />}
          </td>
          {isManager && (
            <td>
              {user.name !== session.value?.user && (
                <button
                  type="button"
                  class="small"
                  aria-label={word.edit(user.name)}
                  onClick={() => edit(user.name)}
                >
                  {word.editShort}
                </button>
              )}
            </td>
          )}
        </tr>
      ))}
    </Table>
  );
}
