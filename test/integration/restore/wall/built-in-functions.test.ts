import { expect, test } from 'vitest';
import { BEFORE_PARENTHESES } from '../../../../src/sql/guard/allowable.ts';
import { BUILT_IN_FUNCTIONS } from '../../../../src/sql/guard/built-in-functions.ts';
import { describeEachServer } from '../../../harness/describe-each-server.ts';
import type { TestServer } from '../../../harness/test-server.ts';

/** With the wrong number of them, some servers take the name of their own function for that of a routine. */
const ARGUMENTS = ['', '1', '1, 1', '1, 1, 1', '1, 1, 1, 1'];

describeEachServer('what --allow-unsafe lets a dump call', (server) => {
  test.each([
    { title: 'functions', before: [...BUILT_IN_FUNCTIONS].map((name) => `${name}(`) },
    {
      title: 'words behind which a space may stand',
      before: [...BEFORE_PARENTHESES].map((word) => `${word} (`),
    },
  ])('is never looked up among routines: $title', async ({ before }) => {
    const calls = before.flatMap((start) => ARGUMENTS.map((given) => `${start}${given})`));
    const lookedUp: string[] = [];
    for (const call of calls) if (await isLookedUp(server, call)) lookedUp.push(call);
    expect(lookedUp).toEqual([]);
  });

  test.each(['no_such(', 'no_such ('])('as others are: %s', async (start) => {
    for (const given of ARGUMENTS) expect(await isLookedUp(server, `${start}${given})`)).toBe(true);
  });
});

/** Without a database in use, a server that looks for a routine says that none is used, or that there is no such one. */
async function isLookedUp(server: TestServer, call: string): Promise<boolean> {
  const said = await server.query(`SELECT ${call}`).then(
    () => '',
    (error: unknown) => String(error),
  );
  return /\bERROR (?:1046|1305)\b/.test(said);
}
