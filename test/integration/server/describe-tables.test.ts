import { expect, test } from 'vitest';
import type { Connection } from '../../../src/server/connect/connection.ts';
import { describeTables } from '../../../src/server/definitions/describe-tables.ts';
import { SharedSession } from '../../../src/server/session/shared-session.ts';
import { Secret } from '../../../src/run/secret.ts';
import { newAccount } from '../../harness/accounts.ts';
import { freshDatabase } from '../../harness/database.ts';
import { describeEachServer } from '../../harness/describe-each-server.ts';

const NAMES = Array.from({ length: 150 }, (_, number) => `t ${number}`);
const SQL = NAMES.map((name, number) => `CREATE TABLE \`${name}\` (c${number} INT);`).join('\n');
const TABLES = NAMES.map((name) => ({ name, kind: 'TABLE' }) as const);

describeEachServer('many tables', (server) => {
  test.each([
    { limit: '', further: 2 },
    { limit: 'WITH MAX_USER_CONNECTIONS 1', further: 0 },
  ])('are described with $further sessions beside for an account $limit', async ({ limit, further }) => {
    const database = await freshDatabase(server, { sql: SQL });
    const account = await newAccount(server, limit);
    await account.grant('SELECT', `\`${database}\`.*`);
    const connection: Connection = {
      endpoint: { kind: 'socket', path: server.socket },
      user: account.user,
      password: new Secret('right'),
      database: undefined,
      ssl: { mode: 'DISABLED' },
      sources: {},
    };
    const sessions = (): Promise<string> =>
      server.query(`SELECT COUNT(*) FROM ${server.processlist} WHERE USER = '${account.user}'`);
    await using session = new SharedSession(connection, new AbortController().signal);
    const asking = await session.open();
    const beside = (await Promise.all(session.openBeside(2))).filter((each) => each !== undefined);
    expect(beside).toHaveLength(further);
    await Promise.all(beside.map((each) => each[Symbol.asyncDispose]()));
    await expect.poll(sessions, { timeout: 10_000 }).toBe('1');

    const described = new Map<string, string>();
    const describeAll = (tables: typeof TABLES): Promise<void> =>
      describeTables(asking, session, { schema: database, tables, connections: 4 }, (name, text) => {
        described.set(name, text);
      });
    await describeAll(TABLES);
    expect(described.size).toBe(NAMES.length);
    for (const [number, name] of NAMES.entries())
      expect(described.get(name)?.split(' int')[0]).toBe(`CREATE TABLE \`${name}\` (\n  \`c${number}\``);

    const withMissing = TABLES.with(20, { name: 'gone', kind: 'TABLE' });
    await expect(describeAll(withMissing)).rejects.toThrow(/gone.* doesn't exist/);
    await expect.poll(sessions, { timeout: 10_000 }).toBe('1');
    expect(await asking.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});
