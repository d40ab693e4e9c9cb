import { readTableNames } from '../../server/change/scratch-schemas.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import type { Server } from '../../server/connect/server.ts';
import { describeTables } from '../../server/definitions/describe-tables.ts';
import { readDefaultCollations } from '../../server/definitions/show-create.ts';
import { decoded } from '../../sql/lexer/client-charset.ts';
import type { Connection } from '../../server/connect/connection.ts';
import {
  hasEngineOf,
  sameDefinition,
  sameLines,
  withoutConstraintNames,
  withSortedConstraints,
  withoutCounter,
} from '../../sql/definitions/table-definition.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { Manifest } from '../../backups/record/manifest.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import { differingLines } from '../../sql/definitions/text-difference.ts';
import { isSameVersion } from '../../server/connect/version.ts';
import type { LoadedTables } from './parallel/loaded-tables.ts';
import { kindOf, ReferenceTables } from './reference-tables.ts';
import type { Runtime } from '../../run/runtime.ts';

/** Of each table, how the server describes it. */
export type Descriptions = ReadonlyMap<string, string>;

/**
 * Compares what was loaded with the dump: every table is there, and is what the dump defines.
 *
 * A server may put the same table in other words than the dump: another version does, and MySQL prints a collation in
 * other words once a definition has named it. Such a table is compared with one that is made by the dump's own text,
 * and its engine with the one that the text names.
 *
 * @returns how the server describes each table, which must be the same when it is in place.
 * @throws {DbBackupError} `restore-failed`, with the lines that differ.
 */
export async function checkStaging(
  request: {
    readonly connection: Connection;
    readonly stage: string;
    readonly job: string;
    readonly target: string;
    readonly tables: readonly string[];
    readonly loaded: Pick<LoadedTables, 'definitions' | 'preset'>;
    /** Of the dump; undefined for a foreign one. */
    readonly madeBy: Manifest['server'] | undefined;
    /** How many loaded them. */
    readonly connections: number;
  },
  session: SharedSession,
  { signal, onProgress }: Pick<Runtime, 'signal' | 'onProgress'>,
): Promise<Descriptions> {
  const { connection, stage, job, target, tables, loaded, madeBy, connections } = request;
  const server = await session.open();
  const there = await readTableNames(server, stage);
  const missing = tables.filter((name) => !there.has(name));
  if (missing.length > 0) {
    throw new DbBackupError(
      'restore-failed',
      `After loading, ${missing.length} ${missing.length === 1 ? 'table' : 'tables'} of the backup are missing: ${missing.slice(0, 5).join(', ')}.`,
    );
  }
  const { preset } = loaded;
  await using references = new ReferenceTables({ connection, schema: stage, job, preset }, signal);
  const descriptions = await descriptionsOf(server, session, { schema: stage, tables, connections }, loaded);
  for await (const difference of differences(server, { target, madeBy, loaded, descriptions, references })) {
    if (!difference.sameAsReference) {
      throw new DbBackupError('restore-failed', differenceText(difference), {
        hint: 'If the difference is acceptable, restore with --in-place, where a difference is only a warning.',
      });
    }
    onProgress({ kind: 'warning', message: differenceText(difference) });
  }
  return descriptions;
}

/**
 * The same comparison for a target that was restored in place: its tables are the user's now, so a difference is no
 * failure but told.
 */
export async function warnOfDifferences(
  request: {
    readonly connection: Connection;
    readonly schema: string;
    readonly job: string;
    readonly loaded: Pick<LoadedTables, 'definitions' | 'preset'>;
    readonly madeBy: Manifest['server'] | undefined;
    /** How many loaded them. */
    readonly connections: number;
  },
  session: SharedSession,
  { signal, onProgress }: Pick<Runtime, 'signal' | 'onProgress'>,
): Promise<void> {
  const { schema, loaded, madeBy, connections } = request;
  const server = await session.open();
  await using references = new ReferenceTables({ ...request, preset: loaded.preset }, signal);
  const descriptions = await descriptionsOf(
    server,
    session,
    { schema, tables: [...loaded.definitions.keys()], connections },
    loaded,
  );
  const compared = { target: schema, madeBy, loaded, descriptions, references };
  for await (const difference of differences(server, compared))
    onProgress({ kind: 'warning', message: differenceText(difference) });
}

/**
 * Compares tables that have moved into the target with what they were before.
 *
 * @param before In the staging schema, where they were compared with the backup.
 * @param connections How many loaded them.
 * @returns for each that is another now, or gone, what differs.
 */
export async function changedByMoving(
  {
    target,
    before,
    connections,
  }: { readonly target: string; readonly before: Descriptions; readonly connections: number },
  session: SharedSession,
): Promise<readonly string[]> {
  const server = await session.open();
  const there = await readTableNames(server, target);
  const changed = [...before.keys()]
    .filter((name) => !there.has(name))
    .map((name) => `In ${target}, the table ${name} is missing.`);
  const tables = Array.from(before, ([name, text]) => ({ name, kind: kindOf(Buffer.from(text)) })).filter(
    ({ name }) => there.has(name),
  );
  await describeTables(server, session, { schema: target, tables, connections }, (name, found) => {
    const expected = withOwnReferences(before.get(name) ?? '', target);
    if (sameDefinition(found, expected) || sameLines(withoutCounter(found), withoutCounter(expected))) return;
    changed.push(
      `In ${target}, the table ${name} differs from its definition in the backup:\n${linesOf({ expected, found })}`,
    );
  });
  return changed;
}

async function descriptionsOf(
  server: Server,
  session: SharedSession,
  {
    tables,
    ...where
  }: { readonly schema: string; readonly tables: readonly string[]; readonly connections: number },
  { definitions }: Pick<LoadedTables, 'definitions'>,
): Promise<Descriptions> {
  const described = tables.map((name) => {
    const dumped = definitions.get(name);
    return { name, kind: dumped === undefined ? 'TABLE' : kindOf(dumped.text) } as const;
  });
  const descriptions = new Map<string, string>(tables.map((name) => [name, ''])); // in their order
  await describeTables(server, session, { ...where, tables: described }, (name, text) =>
    descriptions.set(name, text),
  );
  return descriptions;
}

interface Difference {
  readonly name: string;
  readonly expected: string;
  readonly found: string;
  /** It is so with any table that is made by the dump's text. */
  readonly sameAsReference: boolean;
}

async function* differences(
  server: Server,
  {
    target,
    madeBy,
    loaded,
    descriptions,
    references,
  }: {
    readonly target: string;
    readonly madeBy: Manifest['server'] | undefined;
    readonly loaded: Pick<LoadedTables, 'definitions'>;
    readonly descriptions: Descriptions;
    readonly references: ReferenceTables;
  },
): AsyncGenerator<Difference> {
  const ownWords = isOwnWords(server, madeBy);
  const collations = await readDefaultCollations(server);
  for (const [name, dumped] of loaded.definitions) {
    const expected = decoded(dumped.text, dumped.charset);
    const found = withOwnReferences(descriptions.get(name) ?? '', target);
    if (sameDefinition(found, expected, ownWords ? collations : undefined)) continue;
    const difference = { name, expected, found, sameAsReference: false };
    const reference = hasEngineOf(found, dumped.text) ? await references.describe(server, dumped) : undefined;
    if (reference === undefined) {
      yield difference;
      continue;
    }
    if (!meansTheSame(reference, found, collations)) yield { ...difference, expected: reference };
    else if (ownWords) yield { ...difference, sameAsReference: true };
  }
}

/**
 * Names that the server makes up count what is there; where only one of two tables has explicit names, they may differ.
 */
function meansTheSame(one: string, other: string, collations: ReadonlyMap<string, string>): boolean {
  const same = (texts: readonly string[]): boolean => {
    const [first = '', second = ''] = texts.map(withSortedConstraints);
    return sameDefinition(first, second, collations);
  };
  return same([one, other]) || same([one, other].map(withoutConstraintNames));
}

/** Whether the dump is of a server that puts things in the same words. */
function isOwnWords(server: Server, madeBy: Manifest['server'] | undefined): boolean {
  return madeBy?.flavour === server.flavour && isSameVersion(madeBy.version, server.version);
}

/** What a staged table refers to in the target is in the same schema once it is in place. */
function withOwnReferences(description: string, target: string): string {
  return description.replaceAll(`REFERENCES ${quoteName(target)}.`, 'REFERENCES ');
}

function differenceText(difference: Difference): string {
  if (difference.sameAsReference)
    return `The server describes the table ${difference.name} differently from the backup, as it does for any table created from the backup's text:\n${linesOf(difference)}`;
  return `After loading, the table ${difference.name} differs from its definition in the backup:\n${linesOf(difference)}`;
}

function linesOf({ expected, found }: Pick<Difference, 'expected' | 'found'>): string {
  return differingLines(withoutCounter(expected), withoutCounter(found));
}
