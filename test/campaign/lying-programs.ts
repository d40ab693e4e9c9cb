import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathOfPrograms, programNames } from '../harness/fake-programs.ts';
import { makeClientOnly } from '../harness/planted-backup.ts';
import { within } from '../harness/wait-for.ts';
import { upTo } from './family.ts';
import type { Family } from './family.ts';
import { expectDocumentedEnd, expectNothingLeft, expectWholeBackups, thinOut } from './invariants.ts';
import { Site } from './site.ts';

/** Programs of test/fixtures/bin in the dump tool's place, and how create must end. */
const DUMP_TOOLS = [
  { fake: 'dump-tool-cut-somewhere.sh', exitCode: 22 },
  { fake: 'dump-tool-cut-somewhere.sh', exitCode: 22 },
  { fake: 'dump-tool-cut-somewhere.sh', exitCode: 22 },
  { fake: 'dump-tool-cut-in-half.sh', exitCode: 22 },
  { fake: 'dump-tool-that-fails-at-its-end.sh', exitCode: 22 },
  { fake: 'dump-tool-that-says-nothing.sh', exitCode: 22 },
  { fake: 'dump-tool-without-end-line.sh', exitCode: 22 },
  { fake: 'dump-tool-with-end-line-in-data.sh', exitCode: 22 },
  { fake: 'dump-tool-without-a-table.sh', exitCode: 22 },
  { fake: 'dump-tool-that-is-killed.sh', exitCode: 22 },
  { fake: 'dump-tool-that-warns.sh', exitCode: 0 },
  { fake: 'dump-tool-that-hangs.sh', exitCode: 124 },
  { fake: 'program-that-tells-its-options.sh', exitCode: 22 },
  { fake: 'program-that-ignores-sigterm.sh', exitCode: 124 },
  { fake: 'program-that-leaves-a-child.sh', exitCode: 124 },
] as const;

const CLIENTS = [
  { fake: 'client-that-reads-half.sh', exitCode: 21 },
  { fake: 'client-that-reads-some.sh', exitCode: 21 },
  { fake: 'client-that-reads-some.sh', exitCode: 21 },
  { fake: 'client-that-hangs.sh', exitCode: 124 },
  { fake: 'program-that-tells-its-options.sh', exitCode: 21 },
  { fake: 'program-that-ignores-sigterm.sh', exitCode: 124 },
] as const;

/** For a program that never ends; the others must have ended by themselves, however busy the machine is. */
const limitOf = (exitCode: number): number => (exitCode === 124 ? 6 : 60);
const GRACE_MS = 25_000;

export const lyingDumpTools: Family = {
  name: 'lying-dump-tools',
  promises: 'P3, P1, P21',
  fault: 'a dump tool that cuts, leaves out, fails, hangs, is killed or tells its password',
  trials: { brief: 1, usual: 45, long: 300 },
  servers: 'each',
  lanes: 2,
  async prepare(bed) {
    const site = await Site.open(bed);
    await site.server.sql("UPDATE small SET v = '-- Dump completed' WHERE id = 2", site.database);
    const whole = await site.create('--compress', 'none');
    const { size } = await stat(whole);
    await expectWholeBackups(site);
    return {
      kinds: DUMP_TOOLS.map(({ fake }, n) => `${n} ${fake}`),
      async attempt({ title, random }) {
        const { fake, exitCode } = DUMP_TOOLS[Number(title.split(' ')[0])]!;
        const { PATH } = await pathOfPrograms(site.folder, site.server, { dumpTool: fake });
        const program = join(PATH.split(':')[0]!, programNames(site.server).dumpTool);
        await writeFile(`${program}.bytes`, String(upTo(random, size - 30)));
        const run = await site.start(['create', site.database, '--timeout', `${limitOf(exitCode)}s`], {
          env: { PATH },
        });
        const result = await within(limitOf(exitCode) * 1000 + GRACE_MS, 'create', run.finished);
        expectDocumentedEnd(result);
        assert.equal(result.exitCode, exitCode, `with ${fake}: ${result.stderr}`);
        const made = await expectWholeBackups(site);
        assert.equal(made.length, exitCode === 0 ? 1 : 0, 'backups made');
        await expectNothingLeft(site);
        thinOut(site);
      },
      [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
    };
  },
};

export const lyingClients: Family = {
  name: 'lying-clients',
  promises: 'P9, P7, P21',
  fault:
    'a client that loads a part and exits with 0, fails, hangs or tells its password; then the command that returns',
  trials: { brief: 1, usual: 24, long: 150 },
  servers: 'each',
  lanes: 2,
  async prepare(bed) {
    const site = await Site.open(bed, undefined, { contentChanges: true });
    const backup = await site.create('--compress', 'none', '--label', 'spoilt');
    await makeClientOnly(backup);
    await site.server.sql("UPDATE small SET v = 'since then'", site.database);
    const { size } = await stat(backup);
    const before = await site.server.dump(site.database);
    return {
      kinds: CLIENTS.map(({ fake }, n) => `${n} ${fake}`),
      async attempt({ title, random }) {
        const { fake, exitCode } = CLIENTS[Number(title.split(' ')[0])]!;
        const { PATH } = await pathOfPrograms(site.folder, site.server, { client: fake });
        const program = join(PATH.split(':')[0]!, programNames(site.server).client);
        await writeFile(`${program}.bytes`, String(upTo(random, size - 30)));
        const args = [
          'restore',
          backup,
          '--confirm',
          site.database,
          '--in-place',
          '--load-account=off', // it makes views, too
          '--timeout',
          `${limitOf(exitCode)}s`,
        ];
        const run = await site.start(args, { env: { PATH } });
        const result = await within(limitOf(exitCode) * 1000 + GRACE_MS, 'restore', run.finished);
        expectDocumentedEnd(result);
        assert.equal(result.exitCode, exitCode, `with ${fake}: ${result.stderr}`);
        const [, undo = ''] =
          /To bring back its previous contents:\s+dbbackup (\S.*)$/m.exec(result.stderr) ?? [];
        assert.notEqual(undo, '', `it says how to return: ${result.stderr}`);
        await site.succeeds(undo.split(' '));
        assert((await site.server.dump(site.database)).equals(before), 'the command brought everything back');
        await expectWholeBackups(site);
        await expectNothingLeft(site);
        thinOut(site, [backup]);
      },
      [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
    };
  },
};
