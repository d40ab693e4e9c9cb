import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import {
  createLoadAccount,
  LOAD_PRIVILEGES,
  nameLoadAccount,
  readLoadAccounts,
} from '../../../../src/server/change/load-accounts.ts';
import type { Row, Server } from '../../../../src/server/connect/server.ts';
import { ServerStatementError } from '../../../../src/server/connect/server-failures.ts';

const RULES = { flavour: 'mariadb', lowerCase: false, literalNames: false, activeRoles: false } as const;

/** Answers every question alike and remembers them. */
function server(
  rows: readonly Row[],
  failure?: (sql: string) => Error | undefined,
): Server & { said: string[] } {
  const said: string[] = [];
  const query = (sql: string): Promise<readonly Row[]> => {
    said.push(sql);
    const error = failure?.(sql);
    return error === undefined ? Promise.resolve(rows) : Promise.reject(error);
  };
  return { query, said } as unknown as Server & { said: string[] };
}

test('is made for where the server sees us, and for one schema, whose name is no pattern', async () => {
  const asked = server([{ user: 'back@up@10.0.0.5' }]);
  const account = await nameLoadAccount(asked, 'b2c3d4f5');
  const shape = { schema: 'my_shop%', privileges: LOAD_PRIVILEGES, connections: 3, rules: RULES };
  await createLoadAccount(asked, account, shape);

  expect(account).toMatchObject({ user: 'dbbackup_load_b2c3d4f5', host: '10.0.0.5' });
  const who = "'dbbackup_load_b2c3d4f5'@'10.0.0.5'";
  expect(asked.said.slice(1)).toEqual([
    `CREATE USER ${who} IDENTIFIED BY '${account.password.reveal()}' WITH MAX_USER_CONNECTIONS 3`,
    `GRANT SELECT, INSERT, UPDATE, LOCK TABLES ON \`my\\_shop\\%\`.* TO ${who}`,
  ]);
});

test.each([
  { rules: { ...RULES, literalNames: true }, grant: 'LOCK TABLES ON `My_shop`.*' },
  { rules: { ...RULES, lowerCase: true }, grant: 'LOCK TABLES ON `my\\_shop`.*' },
  { rules: RULES, grant: 'LOCK TABLES ON `My\\_shop`.*' },
])('is granted $grant', async ({ rules, grant }) => {
  const asked = server([{ user: 'root@localhost' }]);
  const account = await nameLoadAccount(asked, 'b2c3d4f5');
  await createLoadAccount(asked, account, {
    ...{ schema: 'My_shop', privileges: LOAD_PRIVILEGES, connections: 3, rules },
  });
  expect(asked.said.at(-1)).toContain(grant);
});

test('has a password of its own each time, with every kind of character', async () => {
  const names = await Promise.all(
    ['b2c3d4f5', 'b2c3d4f6'].map((job) => nameLoadAccount(server([{ user: 'root@localhost' }]), job)),
  );
  const [one = '', other = ''] = names.map(({ password }) => password.reveal());
  expect(one).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[!])[\w!-]{30,}$/);
  expect(one).not.toBe(other);
});

test('a refusal does not tell the password, neither in its words nor in what it was caused by', async () => {
  const asked = server([{ user: 'root@localhost' }], (sql) =>
    sql.startsWith('CREATE') ? new ServerStatementError(1064, `near '${sql}'`, { sql }) : undefined,
  );
  const account = await nameLoadAccount(asked, 'b2c3d4f5');
  const making = createLoadAccount(asked, account, {
    ...{ schema: 'shop', privileges: LOAD_PRIVILEGES, connections: 1, rules: RULES },
  });
  const error: unknown = await making.catch((refusal: unknown) => refusal);
  expect(inspect(error)).toContain("IDENTIFIED BY '[hidden]'");
  expect(inspect(error)).not.toContain(account.password.reveal());
});

test('those on a server are told by their names, and nobody knows where that may not be read', async () => {
  const found = server([
    { user: 'dbbackup_load_b2c3d4f5', host: 'localhost' },
    { user: 'dbbackup_load_balancer', host: '%' },
  ]);
  expect(await readLoadAccounts(found)).toEqual([
    { user: 'dbbackup_load_b2c3d4f5', host: 'localhost', job: 'b2c3d4f5' },
  ]);
  const denied = server([], () => new ServerStatementError(1142, 'SELECT command denied', undefined));
  expect(await readLoadAccounts(denied)).toBeUndefined();
});
