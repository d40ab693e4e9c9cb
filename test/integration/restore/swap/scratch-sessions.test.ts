import { expect, test } from 'vitest';
import { endSessionsOf } from '../../../../src/server/change/scratch-schemas.ts';
import { connectServer } from '../../../../src/server/connect/server.ts';
import type { Server } from '../../../../src/server/connect/server.ts';
import { Secret } from '../../../../src/run/secret.ts';
import { newAccount } from '../../../harness/accounts.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { describeEachServer } from '../../../harness/describe-each-server.ts';

describeEachServer('the sessions in a scratch schema', (server) => {
  /** A session of this account in the schema. */
  async function session(account: { user: string; password?: string }, database: string): Promise<Server> {
    const { host, port } = server;
    const opened = await connectServer(
      {
        endpoint: { kind: 'tcp', host, port },
        user: account.user,
        password: account.password === undefined ? undefined : new Secret(account.password),
        database: undefined,
        ssl: { mode: 'PREFERRED' },
        sources: {},
      },
      new AbortController().signal,
    );
    await opened.query(`USE ${database}`);
    return opened;
  }

  test.each([
    { title: 'may not be killed', ours: 'the account' },
    { title: 'may be killed', ours: 'root' },
  ])('are ended when they are ours; those of somebody else go on, though they $title', async ({ ours }) => {
    const database = await freshDatabase(server);
    const account = await newAccount(server);
    await account.grant('PROCESS', '*.*');
    await account.grant('ALL PRIVILEGES', `${database}.*`);
    const both = [{ user: account.user, password: 'right' }, { user: server.user }] as const;
    const [us, them] = ours === 'root' ? [both[1], both[0]] : both;
    await using self = await session(us, database);
    await using left = await session(us, database);
    await using stranger = await session(them, database);

    await endSessionsOf(self, database);

    await expect(left.query('DO 0')).rejects.toMatchObject({ code: 'unreachable' });
    await expect(stranger.query('DO 0')).resolves.toEqual([]);
  });
});
