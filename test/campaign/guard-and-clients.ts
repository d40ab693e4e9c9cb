import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DUMPS, dumpFile } from '../fixtures/some-dumps.ts';
import { openFakeServer } from '../harness/fake-server.ts';
import {
  bytesSession,
  HOSTILE,
  loadClient,
  outside,
  reachingFor,
  readsAsTheClient,
  runGuarded,
} from '../harness/guard-trials.ts';
import { mutated, withMoreRows } from '../harness/mutated-dumps.ts';
import { upTo } from './family.ts';
import type { Family } from './family.ts';
import { Site } from './site.ts';

export const guardAndClients: Family = {
  name: 'guard-and-clients',
  promises: 'P24',
  fault:
    'a dump changed at random: what the guard lets pass reaches the server in just the statements it has looked at, and changes nothing but its target',
  trials: { brief: 0, usual: 300, long: 10_000 },
  servers: 'each',
  lanes: 2,
  async prepare(bed) {
    const site = await Site.open(bed, 'SELECT 1;');
    const { server, database } = site;
    const fake = await openFakeServer({ version: server.greetedVersion });
    const client = await loadClient(server, fake, join(site.folder, 'client'));
    const other = `${database}_other`;
    await server.sql(
      `CREATE DATABASE ${other}; CREATE TABLE ${other}.t (id INT); INSERT INTO ${other}.t VALUES (1), (2);`,
    );
    const before = await outside(server, other);
    const session = await bytesSession(server, database);
    const originals = new Map(
      DUMPS.map(({ file }): [string, Buffer] => [file, withMoreRows(readFileSync(dumpFile(file)))]),
    );
    const reaching = reachingFor(other);
    return {
      kinds: [...originals.keys()],
      async attempt({ title, random }) {
        const original = originals.get(title)!;
        const pick = (below: number): number => upTo(random, below);
        await readsAsTheClient(client, mutated(original, pick, HOSTILE));
        await runGuarded(session, mutated(original, pick, reaching), database);
        assert.deepEqual(await outside(server, other), before);
      },
      async [Symbol.asyncDispose]() {
        await session.end();
        await fake.close();
        await server.sql(`DROP DATABASE IF EXISTS ${other};`);
        await site[Symbol.asyncDispose]();
      },
    };
  },
};
