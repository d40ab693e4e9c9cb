import type { Manifest, ManifestTable } from '../backups/record/manifest.ts';
import { isSameServer, serverText } from '../server/instance/server-identity.ts';
import { withoutCounter } from '../sql/definitions/table-definition.ts';
import { type Change, changesBetween } from '../sql/definitions/text-difference.ts';

/** A table that only one of two backups holds. */
export type TableFacts = Pick<ManifestTable, 'name' | 'engine' | 'uncompressedBytes'>;

/** A table of both that is not the same in both. */
export interface TableChange {
  readonly name: string;
  /** Of SQL. */
  readonly fromBytes: number;
  readonly toBytes: number;
  /** How its definition changed, but for the counter of AUTO_INCREMENT; absent: it did not. */
  readonly definition?: readonly DefinitionChange[] | undefined;
}

/** Lines of a definition that went, and those that came in their place; either may be none. */
export interface DefinitionChange {
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** What a backup says of itself as a whole. */
export const ASPECTS = [
  'database',
  'server',
  'version',
  'charset',
  'collation',
  'dumpTool',
  'leftOut',
] as const;
export type Aspect = (typeof ASPECTS)[number];

export interface BackupDifference {
  readonly aspects: readonly { readonly what: Aspect; readonly from: string; readonly to: string }[];
  readonly tables: {
    readonly added: readonly TableFacts[];
    readonly removed: readonly TableFacts[];
    /** By how much they grew or shrank, most first. */
    readonly changed: readonly TableChange[];
    /** As long as before, with the same definition; their rows may have changed. */
    readonly sameSize: number;
  };
  /** `view turnover`, `procedure add_order`. undefined: one of the two does not know its own. */
  readonly storedObjects:
    | {
        readonly added: readonly string[];
        readonly removed: readonly string[];
        readonly changed: readonly string[];
      }
    | undefined;
}

/** By the name of a table the statement that makes it. */
export type Definitions = ReadonlyMap<string, string>;

/** The tables that both hold: whose definitions have to be read. */
export function tablesOfBoth(from: Manifest, to: Manifest): ReadonlySet<string> {
  const names = new Set(to.tables.map(({ name }) => name));
  return new Set(from.tables.flatMap(({ name }) => (names.has(name) ? [name] : [])));
}

/** What changed from one backup to another. */
export function compareBackups(
  from: { readonly manifest: Manifest; readonly definitions: Definitions },
  to: { readonly manifest: Manifest; readonly definitions: Definitions },
): BackupDifference {
  return {
    aspects: aspectsBetween(from.manifest, to.manifest),
    tables: tablesBetween(from, to),
    storedObjects: storedObjectsBetween(from.manifest, to.manifest),
  };
}

function aspectsBetween(from: Manifest, to: Manifest): BackupDifference['aspects'] {
  const [one, other] = [aspectsOf(from), aspectsOf(to)];
  // One server may have been reached in two ways.
  const differs = (what: Aspect): boolean =>
    what === 'server' ? !isSameServer(from.server, to.server) : one[what] !== other[what];
  return ASPECTS.filter(differs).map((what) => ({ what, from: one[what], to: other[what] }));
}

function aspectsOf({
  database,
  server,
  charset,
  collation,
  tool,
  options,
}: Manifest): Readonly<Record<Aspect, string>> {
  return {
    ...{ database, charset, collation },
    server: serverText(server),
    version: `${server.flavour} ${server.version}`,
    dumpTool: `${tool.program} ${tool.version}`,
    leftOut:
      ['routines', 'events', 'triggers'].filter((what) => options[what] === false).join(', ') || 'nothing',
  };
}

function tablesBetween(
  from: Parameters<typeof compareBackups>[0],
  to: Parameters<typeof compareBackups>[1],
): BackupDifference['tables'] {
  const before = new Map(from.manifest.tables.map((table) => [table.name, table]));
  const after = new Map(to.manifest.tables.map((table) => [table.name, table]));
  const changes = Array.from(after.values()).flatMap((table): readonly TableChange[] => {
    const old = before.get(table.name);
    if (old === undefined) return [];
    const definition = definitionChanges(from.definitions.get(table.name), to.definitions.get(table.name));
    const isSame = old.uncompressedBytes === table.uncompressedBytes && definition === undefined;
    if (isSame) return [];
    return [
      { name: table.name, fromBytes: old.uncompressedBytes, toBytes: table.uncompressedBytes, definition },
    ];
  });
  const both = tablesOfBoth(from.manifest, to.manifest).size;
  return {
    added: to.manifest.tables.filter(({ name }) => !before.has(name)).map(factsOf),
    removed: from.manifest.tables.filter(({ name }) => !after.has(name)).map(factsOf),
    changed: changes.sort((a, b) => growthOf(b) - growthOf(a) || (a.name < b.name ? -1 : 1)),
    sameSize: both - changes.length,
  };
}

function growthOf({ fromBytes, toBytes }: TableChange): number {
  return Math.abs(toBytes - fromBytes);
}

function factsOf({ name, engine, uncompressedBytes }: ManifestTable): TableFacts {
  return { name, engine, uncompressedBytes };
}

/** Of one that was not found in its file nothing is known. */
function definitionChanges(
  from: string | undefined,
  to: string | undefined,
): readonly DefinitionChange[] | undefined {
  if (from === undefined || to === undefined || from === to) return undefined;
  const changes = changesBetween(linesOf(from), linesOf(to));
  if (changes.length === 0) return undefined;
  return changes.map(({ expected: removed, found: added }: Change) => ({ removed, added }));
}

/** A comma comes or goes with the line behind it. */
function linesOf(definition: string): readonly string[] {
  return withoutCounter(definition)
    .split('\n')
    .map((line) => line.trim().replace(/,$/, ''));
}

function storedObjectsBetween(
  { programs: from }: Manifest,
  { programs: to }: Manifest,
): BackupDifference['storedObjects'] {
  if (from === undefined || to === undefined) return undefined;
  const names = (programs: Readonly<Record<string, string>>): readonly string[] =>
    Object.keys(programs).sort();
  return {
    added: names(to).filter((name) => !Object.hasOwn(from, name)),
    removed: names(from).filter((name) => !Object.hasOwn(to, name)),
    changed: names(to).filter((name) => Object.hasOwn(from, name) && from[name] !== to[name]),
  };
}

/** Whether nothing that can be seen without reading the rows has changed. */
export function isSame({ aspects, tables, storedObjects }: BackupDifference): boolean {
  const { added, removed, changed } = tables;
  const objects = storedObjects === undefined ? [] : Object.values(storedObjects).flat();
  return [aspects, added, removed, changed, objects].every((list) => list.length === 0);
}
