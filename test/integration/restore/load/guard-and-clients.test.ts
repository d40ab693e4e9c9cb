import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DUMPS, dumpFile } from '../../../fixtures/some-dumps.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { describeEachServer } from '../../../harness/describe-each-server.ts';
import { fakeServer } from '../../../harness/fake-server.ts';
import {
  bytesSession,
  HOSTILE,
  loadClient,
  outside,
  reachingFor,
  readsAsTheClient,
  runGuarded,
} from '../../../harness/guard-trials.ts';
import { mutated, withMoreRows } from '../../../harness/mutated-dumps.ts';
import { randomNumbers } from '../../../harness/random.ts';
import { workspace } from '../../../harness/workspace.ts';

/** Of each dump, on each server; the campaign (`guard-and-clients`) makes others by the thousand. */
const TEXTS = 12;

/** The same texts in every run. */
function textsLike(file: string, inserted: readonly string[]): readonly Buffer[] {
  const next = randomNumbers(20_261_126);
  const original = withMoreRows(readFileSync(dumpFile(file)));
  const pick = (below: number): number => Math.floor(next() * below);
  return [original, ...Array.from({ length: TEXTS }, () => mutated(original, pick, inserted))];
}

describeEachServer('the guard and the client', (server) => {
  test.each(DUMPS)('find the same statements in $file, changed in many ways', async ({ file }) => {
    const fake = await fakeServer({ version: server.greetedVersion });
    const client = await loadClient(server, fake, join((await workspace()).folder, 'client'));
    let passed = 0;
    for (const text of textsLike(file, HOSTILE)) if (await readsAsTheClient(client, text)) passed++;

    expect(passed).toBeGreaterThan(TEXTS / 10);
    expect(TEXTS - passed).toBeGreaterThan(TEXTS / 10);
  });
});

describeEachServer('what the guard lets pass', (server) => {
  test.each(DUMPS)('changes nothing but its target: $file, changed in many ways', async ({ file }) => {
    const target = await freshDatabase(server);
    const other = await freshDatabase(server, {
      sql: 'CREATE TABLE t (id INT); INSERT INTO t VALUES (1), (2);',
    });
    const before = await outside(server, other);
    const session = await bytesSession(server, target);
    const ran: (number | undefined)[] = [];
    for (const text of textsLike(file, reachingFor(other))) ran.push(await runGuarded(session, text, target));
    await session.end();

    expect(await outside(server, other)).toEqual(before);
    expect(ran.reduce<number>((sum, count = 0) => sum + count, 0)).toBeGreaterThan(TEXTS);
    expect(ran.filter((count) => count === undefined).length).toBeGreaterThan(TEXTS / 10);
  });
});
