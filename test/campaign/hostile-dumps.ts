import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import type * as loadTool from '../../src/programs/load-client.ts';
import type * as clientPrograms from '../../src/programs/client-programs.ts';
import { harmlessRowsSql, hostileStatements } from '../fixtures/hostile-statements.ts';
import type { HostileTargets } from '../fixtures/hostile-statements.ts';
import { tortureSql } from '../fixtures/torture/torture-schema.ts';
import { REPOSITORY } from '../harness/build.ts';
import { plant } from '../harness/planted-backup.ts';
import { upTo } from './family.ts';
import type { Family, Program, Random } from './family.ts';
import { expectDocumentedEnd, expectNothingLeft, expectSecret } from './invariants.ts';
import { Site } from './site.ts';

const SMALL_SQL = `CREATE TABLE small (id INT PRIMARY KEY, v VARCHAR(20)) ENGINE = InnoDB;
  INSERT INTO small VALUES (1, 'one'), (2, 'two');
  CREATE TABLE other_one (id INT PRIMARY KEY) ENGINE = InnoDB;
  INSERT INTO other_one VALUES (7);`;

/** Exit codes with which a dump may be refused: as unsafe, or as no dump at all. */
const REFUSED = [19, 16];

export const hostileDumps: Family = {
  name: 'hostile-dumps',
  promises: 'P24',
  fault:
    'a dump with a hostile statement at a random place: to restore, and to the client with its switches alone',
  trials: { brief: 1, usual: 130, long: 3_000 },
  servers: 'each',
  lanes: 1,
  async prepare(bed) {
    const site = await Site.open(bed, SMALL_SQL, { contentChanges: true });
    const { server, database } = site;
    const targets: HostileTargets = {
      canary: join(site.folder, 'canary'),
      secretFile: join(site.folder, 'file-of-the-host'),
      other: `${database}_other`,
    };
    await writeFile(targets.secretFile, '99\tread-from-the-host\n');
    const makeOther = `CREATE DATABASE ${targets.other}; CREATE TABLE ${targets.other}.t (id INT PRIMARY KEY); INSERT INTO ${targets.other}.t VALUES (1);`;
    await server.sql(makeOther);
    const backup = await site.create('--compress', 'none');
    const honest = await readFile(backup);
    const manifest = await readFile(backup.replace(/sql$/, 'json'));
    const before = { dump: await server.dump(database), other: await server.dump(targets.other) };
    const statements = hostileStatements(targets);
    return {
      kinds: statements.map((statement, n) => `${n} ${statement.split('\n')[0] ?? ''}`),
      async attempt({ title, random }) {
        const hostile = statements[Number(title.split(' ')[0])]!;
        await writeFile(backup, honest);
        await writeFile(backup.replace(/sql$/, 'json'), manifest);
        await plant(backup, (sql) => planted(sql, hostile, random));
        const path = backup;
        const args = ['restore', path, '--confirm', database, '--no-safety-backup'];
        const result = await site.run([...args, ...(random() < 0.5 ? ['--in-place'] : [])]);
        expectDocumentedEnd(result);
        assert(
          REFUSED.includes(result.exitCode ?? -1),
          `${hostile}: ${String(result.exitCode)} ${result.stderr}`,
        );
        assert(!existsSync(targets.canary), `${hostile}: a program ran, or a file was written`);
        assert((await server.dump(database)).equals(before.dump), `${hostile}: the target was touched`);
        assert(
          (await server.dump(targets.other)).equals(before.other),
          `${hostile}: another database was touched`,
        );

        await expectSwitchesHold(bed.program, site, hostile, targets);
        expectSecret(site);
      },
      async [Symbol.asyncDispose]() {
        await server.sql(`DROP DATABASE IF EXISTS ${targets.other};`);
        await site[Symbol.asyncDispose]();
      },
    };
  },
};

/** Behind a random statement of the dump. */
function planted(sql: string, hostile: string, random: Random): string {
  const ends = [...sql.matchAll(/;\n(?=\S)/g)].map(({ index }) => index + 2);
  const at = ends[upTo(random, ends.length)] ?? sql.length;
  return `${sql.slice(0, at)}${hostile}\n${sql.slice(at)}`;
}

/** The guard switched off: what the client's own switches keep it from doing is to run programs and to read files. */
async function expectSwitchesHold(
  program: Program,
  site: Site,
  hostile: string,
  { canary, secretFile, other }: HostileTargets,
): Promise<void> {
  // What the server does is no business of the client's switches, and would end it.
  if (
    /SHUTDOWN|KILL|SLEEP|FLUSH|GLOBAL|PERSIST|OUTFILE|DUMPFILE|PASSWORD|GRANT|CREATE USER|DROP DATABASE/.test(
      hostile,
    )
  )
    return;
  if (hostile.includes(other)) return;
  const { server } = site;
  const scratch = `${site.database}_switches`;
  const { buildLoadArgs } = await modulesOf<typeof loadTool>(program, 'programs/load-client.js');
  const { findClientProgram } = await modulesOf<typeof clientPrograms>(
    program,
    'programs/client-programs.js',
  );
  const tool = await findClientProgram(
    'load',
    server.flavour,
    server.environment,
    AbortSignal.timeout(20_000),
  );
  const [, ...args] = buildLoadArgs(scratch, tool);
  await server.sql(`CREATE DATABASE ${scratch};`);
  try {
    await server.sql(SMALL_SQL, scratch);
    await execa(tool.file, [...server.clientOptions, ...args], {
      input: `UNLOCK TABLES;\n${hostile}\n`,
      env: { PATH: process.env['PATH'] },
      reject: false,
      cwd: site.folder,
    });
    assert(
      !existsSync(canary),
      `${hostile}: with its switches alone, the client ran a program or wrote a file`,
    );
    const words = (await readFile(secretFile, 'utf8')).trim().split('\t')[1]!;
    const dump = (await server.dump(scratch)).toString('latin1');
    if (!/LOAD DATA INFILE|LOAD_FILE/.test(hostile))
      // the server's own files
      assert(!dump.includes(words), `${hostile}: with its switches alone, the client read a file`);
  } finally {
    await server.sql(`DROP DATABASE IF EXISTS ${scratch};`);
  }
}

async function modulesOf<T>({ dist }: Program, path: string): Promise<T> {
  return (await import(pathToFileURL(join(dist, path)).href)) as T;
}

const FIXTURES = join(REPOSITORY, 'test/fixtures/dumps');

/** No fault at all: what honest programs write must pass. */
export const honestDumps: Family = {
  name: 'honest-dumps',
  promises: 'P24, P7',
  fault:
    'none: dumps of stock tools, everything a schema can hold, and hostile words as data; each must be restored as it is',
  trials: { brief: 0, usual: 30, long: 60 },
  servers: 'each',
  lanes: 1,
  async prepare(bed) {
    const site = await Site.open(bed, SMALL_SQL, { contentChanges: true });
    const { server, database } = site;
    const stock = (await readdir(FIXTURES)).filter((name) => !name.includes('two-databases'));
    const targets = { canary: join(site.folder, 'canary'), secretFile: '/etc/passwd', other: 'mysql' };
    return {
      cases: ['hostile words as data', 'everything a schema can hold', ...stock],
      async attempt({ title }) {
        if (stock.includes(title)) {
          const path = join(site.folder, basename(title));
          await copyFile(join(FIXTURES, title), path);
          await site.succeeds(['verify', path]);
          return;
        }
        const source = `${database}_source`;
        const copy = `${database}_copy`;
        await server.sql(`CREATE DATABASE ${source};`);
        try {
          await server.sql(
            title.startsWith('hostile') ? harmlessRowsSql(targets) : tortureSql(server),
            source,
          );
          const { stdout } = await site.succeeds(['create', source]);
          await site.succeeds(['restore', stdout.trim(), '--to', copy]);
          assert((await server.dump(copy)).equals(await server.dump(source)), 'it came back as it was');
          assert(!existsSync(targets.canary));
          await expectNothingLeft(site);
        } finally {
          await server.sql(
            `SET FOREIGN_KEY_CHECKS = 0; DROP DATABASE IF EXISTS ${source}; DROP DATABASE IF EXISTS ${copy};`,
          );
        }
      },
      [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
    };
  },
};
