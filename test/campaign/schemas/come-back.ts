import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Manifest } from '../../../src/backups/record/manifest.ts';
import type { TestServer } from '../../harness/test-server.ts';
import type { Ending } from '../../harness/in-process.ts';
import { buildSchema, dropSchemas } from './build-schema.ts';
import type { Refusal } from './build-schema.ts';
import { quoted } from './names.ts';
import type { Schema } from './schema.ts';

/** What is tried besides create, verify and restore. */
export interface Tries {
  readonly rehearse: boolean;
  /** Another schema of the same name, over which is restored; the undo has to bring it back. */
  readonly over: Schema | undefined;
  readonly toOther: boolean;
  readonly stockDump: boolean;
  readonly inPlace: boolean;
}

export interface Bench {
  readonly server: TestServer;
  readonly folder: string;
  readonly run: (args: readonly string[]) => Promise<Ending>;
}

/** Says at which step a schema did not come back; the same fault fails at the same step. */
export class NotComeBack extends Error {
  readonly step: string;

  constructor(step: string, text: string) {
    super(`${step}: ${text}`);
    this.step = step;
  }
}

/**
 * Makes the schema, and holds what every schema is promised: its backup is complete, proves sound, and brings back
 * byte for byte what was there, whatever stands there by then; so does the stock tool's dump.
 *
 * @returns what the server did not take of it.
 * @throws {NotComeBack}
 */
export async function expectToComeBack(
  { server, folder, run }: Bench,
  schema: Schema,
  tries: Tries,
): Promise<readonly Refusal[]> {
  const { database } = schema;
  const other = `dbb_other_${process.pid}_${(others += 1)}`;
  const directory = await mkdtemp(join(folder, 'backups-'));
  const succeed = async (step: string, ...args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await run([
      ...args.slice(0, 1),
      `--dir=${directory}`,
      ...args.slice(1),
    ]);
    // The restore stands then, but its old tables are left.
    const isUnsaved = stderr.includes('It could not be saved');
    if (exitCode !== 0 || isUnsaved)
      throw new NotComeBack(`${step} ends with ${exitCode}`, `${args.join(' ')}\n${stderr}`);
    return stdout;
  };
  const expectDump = async (step: string, name: string, expected: Buffer): Promise<void> => {
    const dump = meant(await server.dump(name)).replaceAll(quoted(other), bytesOf(quoted(database)));
    if (dump !== meant(expected)) throw new NotComeBack(step, difference(dump, meant(expected)));
  };
  await dropSchemas(server, [database]);
  try {
    const refusals = await buildSchema(server, schema.statements);
    const before = await server.dump(database);
    const stock = tries.stockDump ? await server.stockDump(database) : undefined;
    const empty = !/^CREATE TABLE/m.test(before.toString('latin1')) && !before.toString('latin1').includes('CREATE SEQUENCE'); // prettier-ignore
    const created = await succeed('create', 'create', ...(empty ? ['--allow-empty'] : []), '--', database);
    const backup = created.trim();
    await expectNoWarning(backup);
    await succeed('verify', 'verify', ...(tries.rehearse ? ['--rehearse'] : []), '--', backup);

    let replaced = before;
    if (tries.over !== undefined) {
      await dropSchemas(server, [database]);
      await buildSchema(server, [...schema.statements.slice(0, 2), ...tries.over.statements.slice(2)]);
      replaced = await server.dump(database);
    }
    const flags = tries.inPlace ? ['--in-place'] : [];
    const undo = await succeed('restore', 'restore', `--confirm=${database}`, ...flags, '--', backup);
    await expectDump('what was restored differs', database, before);
    if (tries.over !== undefined && undo !== '') {
      const { exitCode, stderr } = await run(await wordsOf(undo));
      if (exitCode !== 0) throw new NotComeBack(`undo ends with ${exitCode}`, `${undo}${stderr}`);
      await expectDump('what was undone differs', database, replaced);
    }
    if (tries.toOther) {
      await succeed('restore --to', 'restore', `--to=${other}`, '--', backup);
      await expectDump('what was restored into another database differs', other, before);
      await dropSchemas(server, [other]);
    }
    if (stock !== undefined) {
      const file = join(folder, 'stock.sql');
      await writeFile(file, stock);
      await succeed('restore of the stock dump', 'restore', `--to=${other}`, '--', file);
      await expectDump('what was restored of the stock dump differs', other, before);
    }
    return refusals;
  } finally {
    const jobs = await readdir(join(directory, '.jobs')).catch(() => []);
    const ids = jobs.flatMap((name) => /^([a-z0-9]{8})\.json$/.exec(name)?.[1] ?? []);
    const scratch = ids.flatMap((id) => [`dbbackup_stage_${id}`, `dbbackup_old_${id}`]);
    await dropSchemas(server, [database, other, ...scratch]);
    await rm(directory, { recursive: true, force: true });
  }
}

/** As bytes. MySQL remembers whether a column's character set was named beside its collation; it means the same. */
function meant(dump: Buffer): string {
  return dump.toString('latin1').replaceAll(/ CHARACTER SET (\w+)(?= COLLATE \1_)/g, '');
}

/** So many databases have been named: lanes begin in the same moment. */
let others = 0;

/** What a backup of a good schema may warn of. */
const WARNINGS = [
  /^Not in the snapshot, because their engine has no transactions: /,
  /^ALTER TABLE was used on this server/, // by whoever else uses it
];

async function expectNoWarning(backup: string): Promise<void> {
  const manifest = JSON.parse(await readFile(backup.replace(/\.sql(\.gz)?$/, '.json'), 'utf8')) as Manifest;
  const strange = manifest.warnings.filter((warning) => !WARNINGS.some((known) => known.test(warning)));
  if (strange.length > 0) throw new NotComeBack('create warns', strange.join('\n'));
}

/** The words of a printed command as a shell reads them, without its first one. */
async function wordsOf(command: string): Promise<readonly string[]> {
  const { stdout } = await execa('sh', ['-c', `set -- ${command.trimEnd()}; printf '%s\\0' "$@"`], {
    stripFinalNewline: false,
  });
  const words = stdout.split('\0').slice(0, -1);
  if (words[0] === 'npx') words.shift(); // as a program that calls the library is told
  assert.equal(words.shift(), 'dbbackup');
  return words;
}

function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** The first lines that differ. */
function difference(dump: string, expected: string): string {
  const [is, was] = [dump, expected].map((text) => Buffer.from(text, 'latin1').toString('utf8').split('\n'));
  const at = was!.findIndex((line, index) => line !== is![index]);
  const around = (lines: readonly string[]): string => lines.slice(Math.max(0, at - 2), at + 4).join('\n');
  return `at line ${at + 1}\n--- expected\n${around(was!)}\n--- found\n${around(is!)}`;
}
