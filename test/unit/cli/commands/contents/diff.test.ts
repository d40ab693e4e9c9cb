import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { main } from '../../../../../src/cli/main.ts';
import { temporaryFolder } from '../../../../harness/workspace.ts';
import { definitionOf, dumpOf, plantBackup, rowsOf } from '../../../contents/planted-dump.ts';
import { fakeContext } from '../../process/fake-context.ts';

async function diffed(...args: readonly string[]) {
  const context = fakeContext();
  const exitCode = await main(['diff', ...args], context);
  return { exitCode, ...context.written };
}

const BEFORE = dumpOf(
  ...[definitionOf('a'), rowsOf('a', 3), definitionOf('gone'), rowsOf('gone', 2)],
  ...[definitionOf('orders', '  `id` int,\n  `v` varchar(10)'), rowsOf('orders', 100)],
);
const AFTER = dumpOf(
  ...[definitionOf('a'), rowsOf('a', 3), definitionOf('new'), rowsOf('new', 1)],
  ...[definitionOf('orders', '  `id` int,\n  `v` varchar(20)'), rowsOf('orders', 50)],
);

describe.each(['gzip', 'none'] as const)('%s', (compression) => {
  test('shows what changed, and ends with 0', async () => {
    const from = await plantBackup(BEFORE, compression, { programs: { 'view v': '1', 'view w': '1' } });
    const to = await plantBackup(AFTER, compression, {
      ...{ programs: { 'view v': '2', 'event e': '1' }, startedAt: '2026-11-23T00:00:00Z' },
      charset: 'latin1',
    });
    const { exitCode, stdout, stderr } = await diffed(from.path, to.path);

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.split('\n').slice(2).join('\n')).toBe(`
~ default charset  utf8mb4 → latin1

+ table new       305 B  InnoDB
- table gone      389 B  InnoDB
~ table orders  4.35 kB  -4.05 kB (-48 %), new definition
    - \`v\` varchar(10)
    + \`v\` varchar(20)

+ event e
- view w
~ view v

1 table with the same definition and size
`);
  });

  test('gives it as a document', async () => {
    const from = await plantBackup(BEFORE, compression);
    const to = await plantBackup(AFTER, compression);

    expect(JSON.parse((await diffed(from.path, to.path, '--json')).stdout)).toMatchObject({
      schema: 'dbbackup/diff/1',
      ...{ ok: true, same: false, aspects: [] },
      from: { path: from.path, uncompressedBytes: BEFORE.length },
      to: { path: to.path, state: 'complete' },
      tables: {
        added: [{ name: 'new' }],
        removed: [{ name: 'gone' }],
        changed: [
          { name: 'orders', definition: [{ removed: ['`v` varchar(10)'], added: ['`v` varchar(20)'] }] },
        ],
        sameSize: 1,
      },
      storedObjects: { added: [], removed: [], changed: [] },
    });
  });

  test('finds a definition of any length', async () => {
    // Random enough that no compression makes it short.
    const columns = (type: string): string =>
      Array.from(
        { length: 900 },
        (_, n) => `  \`c${(n * 7919) % 104_729}\` ${n === 850 ? type : `varchar(${(n * 31) % 255})`}`,
      ).join(',\n');
    const from = await plantBackup(
      dumpOf(definitionOf('wide', columns('int')), rowsOf('wide', 3)),
      compression,
    );
    const to = await plantBackup(
      dumpOf(definitionOf('wide', columns('int')), rowsOf('wide', 3)),
      compression,
    );
    const other = await plantBackup(
      dumpOf(definitionOf('wide', columns('dec')), rowsOf('wide', 3)),
      compression,
    );

    expect((await diffed(from.path, to.path)).stdout).toContain(
      '1 table with the same definition and size: no difference found\n',
    );
    expect((await diffed(from.path, other.path)).stdout).toMatch(
      /~ table wide .*new definition\n {4}- .* int\n {4}\+ .* dec\n/,
    );
  });

  test('refuses a file that is not what its manifest says', async () => {
    const { path, manifest } = await plantBackup(BEFORE, compression);
    const moved = manifest.tables.map((table) => ({ ...table, offsetBytes: (table.offsetBytes ?? 0) + 3 }));
    const damaged = await plantBackup(BEFORE, compression, { tables: moved });

    expect(await diffed(path, damaged.path)).toMatchObject({ exitCode: 16, stdout: '' });
  });
});

test('shows no password of a table of another server', async () => {
  const remote = (where: string): string =>
    dumpOf(
      definitionOf('a').replace('ENGINE=InnoDB', `ENGINE=FEDERATED CONNECTION='mysql://u:${where}@db/x'`),
    );
  const [from, to] = [await plantBackup(remote('secret')), await plantBackup(remote('hidden'))];

  for (const args of [[], ['--json']]) {
    const { stdout } = await diffed(from.path, to.path, ...args);
    expect(stdout).toContain('mysql://u:[hidden]@db/x');
    expect(stdout).not.toContain('secret');
  }
});

test('wants manifests, and two backups', async () => {
  const { path } = await plantBackup(BEFORE);
  const other = join(await temporaryFolder(), 'other.sql');
  writeFileSync(other, BEFORE);

  expect(await diffed(path, other)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining(`${other} has no manifest, so what it holds is not known.`),
  });
  expect(await diffed(path)).toMatchObject({ exitCode: 2 });
});
