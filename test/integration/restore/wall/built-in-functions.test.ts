import { createConnection } from 'mysql2/promise';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BEFORE_PARENTHESES } from '../../../../src/sql/guard/allowable.ts';
import { BUILT_IN_FUNCTIONS } from '../../../../src/sql/guard/built-in-functions.ts';
import { describeEachServer } from '../../../harness/describe-each-server.ts';

/** With the wrong number of them, some servers take the name of their own function for that of a routine. */
const ARGUMENTS = ['', '1', '1, 1', '1, 1, 1', '1, 1, 1, 1'];

describeEachServer('what --allow-unsafe lets a dump call', ({ socket, user }) => {
  let connection: Connection; // one for the thousands of questions
  beforeAll(async () => {
    connection = await createConnection({ socketPath: socket, user });
  });
  afterAll(() => connection.end());

  test.each([
    { title: 'functions', before: [...BUILT_IN_FUNCTIONS].map((name) => `${name}(`) },
    {
      title: 'words behind which a space may stand',
      before: [...BEFORE_PARENTHESES].map((word) => `${word} (`),
    },
  ])('is never looked up among routines: $title', async ({ before }) => {
    const calls = before.flatMap((start) => ARGUMENTS.map((given) => `${start}${given})`));
    const lookedUp: string[] = [];
    for (const call of calls) if (await isLookedUp(connection, call)) lookedUp.push(call);
    expect(lookedUp).toEqual([]);
  });

  test.each(['no_such(', 'no_such ('])('as others are: %s', async (start) => {
    for (const given of ARGUMENTS) expect(await isLookedUp(connection, `${start}${given})`)).toBe(true);
  });
});

/** Without a database in use, a server that looks for a routine says that none is used, or that there is no such one. */
async function isLookedUp(connection: Connection, call: string): Promise<boolean> {
  const errno = await connection.query(`SELECT ${call}`).then(
    () => undefined,
    (error: unknown) => (error as { readonly errno?: number }).errno,
  );
  return errno === 1046 || errno === 1305;
}
