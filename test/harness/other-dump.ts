import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Ending } from './in-process.ts';
import type { OtherDump } from '../fixtures/programs/other-dumps.ts';
import type { TestServer } from './test-server.ts';

export interface Bench {
  readonly server: TestServer;
  readonly folder: string;
  /** Of dbbackup. */
  readonly run: (args: readonly string[]) => Promise<Ending>;
}

/**
 * `same`: both take the dump, with the same result. `ours-alone`: the stock client takes it only without what dbbackup
 * leaves out, and then the result is the same. `refused`: by both.
 */
export type Comparison = 'same' | 'ours-alone' | 'refused';

/** What a server lacks of what dump tools write, and dbbackup leaves out; none of it is part of a database. */
const LEFT_OUT: readonly (readonly [complaint: RegExp, lines: RegExp])[] = [
  [/GTID_PURGED/, /^SET @@GLOBAL\.GTID_PURGED.*$/gm],
  [/sql_mode/, /NO_AUTO_CREATE_USER,?/g],
  [/Unknown command '\\-'/, /^\/\*M?!999999\\- enable the sandbox mode \*\/ ?$/gm],
];

/**
 * Restores a dump of another program under another name, and loads it with the stock client. Of the dumps of
 * `other-dumps.ts` a server refuses those with a collation that it does not have, and no others.
 *
 * @throws {Error} Where one takes it and the other does not, or the results differ.
 */
export async function compareWithStockClient(
  { server, folder, run }: Bench,
  { bytes, release }: OtherDump,
): Promise<Comparison> {
  const id = randomBytes(4).toString('hex');
  const own = `other_${id}`;
  const target = release.namesItself === true ? own : `${own}_to`;
  const text = bytes(own);
  const path = join(folder, `${own}.sql`);
  await writeFile(path, text);
  try {
    const refusal = await loadWithStockClient(server, own, text, release.makesDatabase === true);
    let left = text;
    let complaint = refusal;
    for (let tries = 0; complaint !== undefined && tries < LEFT_OUT.length; tries++) {
      const known = LEFT_OUT.find(([said]) => said.test(complaint ?? ''));
      if (known === undefined) break;
      left = Buffer.from(left.toString('latin1').replaceAll(known[1], ''), 'latin1');
      complaint = await loadWithStockClient(server, own, left, release.makesDatabase === true);
    }
    const expected = complaint === undefined ? await server.dump(own) : undefined;
    if (target === own) await server.sql(dropped(own));
    const whole = release.hasEnd === true ? [] : ['--allow-incomplete'];
    const to = [`--to=${target}`, `--confirm=${target}`, `--dir=${join(folder, 'backups')}`];
    const { exitCode, stderr } = await run(['restore', path, ...to, ...whole]);

    if (expected === undefined) {
      assert.match(
        stderr,
        /does not have the collation/,
        `the stock client refuses it: ${complaint ?? ''}\n${stderr}`,
      );
      assert.equal(exitCode, 20, stderr);
      return 'refused';
    }
    assert.equal(exitCode, 0, `the stock client takes it\n${stderr}`);
    expectSame(comparable(await server.dump(target), own, server), comparable(expected, own, server));
    return refusal === undefined ? 'same' : 'ours-alone';
  } finally {
    await server.sql(`${dropped(own)} ${dropped(target)}`);
    await rm(path);
  }
}

/** @returns what it said when it failed. */
async function loadWithStockClient(
  server: TestServer,
  own: string,
  text: Buffer,
  makesDatabase: boolean,
): Promise<string | undefined> {
  await server.sql(`${dropped(own)} ${makesDatabase ? '' : `CREATE DATABASE ${own};`}`);
  const { exitCode, stderr } = await execa(
    server.client,
    [...server.clientOptions, ...(makesDatabase ? [] : [own])],
    { input: text, reject: false },
  );
  return exitCode === 0 ? undefined : stderr;
}

function dropped(database: string): string {
  return `SET FOREIGN_KEY_CHECKS = 0; DROP DATABASE IF EXISTS ${database};`;
}

/** Under one name; and without the comments of routines, which MariaDB's client leaves out and dbbackup keeps. */
function comparable(dump: Buffer, own: string, { flavour }: TestServer): readonly string[] {
  const text = dump.toString('latin1').replaceAll(`${own}_to`, own);
  const lines = flavour === 'mysql' ? text : text.replaceAll(BODY_COMMENTS, '').replaceAll(BLANK_LINES, '\n');
  return lines.split('\n');
}

/** As `shop-content.ts` has them; MariaDB's client leaves blanks where they were. */
const BODY_COMMENTS = /# a comment; with an end| -- another;|\/\* DELIMITER ;\s*\*\//g;
const BLANK_LINES = /[ \t]*\n(?:[ \t]*\n)*/g;

function expectSame(is: readonly string[], was: readonly string[]): void {
  const at = was.findIndex((line, index) => line !== is[index]);
  if (at < 0 && is.length === was.length) return;
  const line = at < 0 ? was.length : at;
  assert.equal(is[line], was[line], `line ${line + 1} of the dump differs`);
}
