// Every kind of object in MySQL and MariaDB, and how a backup of one database treats it.

/**
 * - `dumped`: it is in the dump, and `restore` brings it back.
 * - `with-table`: it is part of a table's definition, and comes with it.
 * - `refused`: it is in the database and a restore could not make it again, so `create` makes no backup, and names
 * it.
 * - `of-server`: it belongs to no database; a dump of one database has none.
 * - `of-session`: only the session that created it can see it.
 */
type KindsFate = 'dumped' | 'with-table' | 'refused' | 'of-server' | 'of-session';

export interface ObjectKindRow {
  readonly kind: string;
  readonly fate: KindsFate;
  /**
   * What the servers call the statement that makes it, in their counters (`Com_create_…`): a kind that a new server
   * knows has a counter that is not here. Empty: it is a form of another kind.
   */
  readonly counter: string;
  /** As `information_schema` calls it, where it has its own type there. */
  readonly type?: string;
}

export const OBJECT_KINDS = [
  { kind: 'database', fate: 'of-server', counter: 'db' },
  { kind: 'table', fate: 'dumped', counter: 'table', type: 'BASE TABLE' },
  { kind: 'system-versioned table', fate: 'dumped', counter: '', type: 'SYSTEM VERSIONED' },
  { kind: 'sequence', fate: 'dumped', counter: 'sequence', type: 'SEQUENCE' },
  { kind: 'temporary table', fate: 'of-session', counter: 'temporary_table', type: 'TEMPORARY' },
  { kind: 'temporary sequence', fate: 'of-session', counter: '', type: 'TEMPORARY SEQUENCE' },
  { kind: 'index', fate: 'with-table', counter: 'index' },
  { kind: 'partition', fate: 'with-table', counter: '' },
  { kind: 'constraint', fate: 'with-table', counter: '' },
  { kind: 'view', fate: 'dumped', counter: 'view', type: 'VIEW' },
  { kind: 'JSON duality view', fate: 'dumped', counter: '' },
  { kind: 'materialized view', fate: 'refused', counter: '' },
  { kind: 'view of the server', fate: 'of-server', counter: '', type: 'SYSTEM VIEW' },
  { kind: 'trigger', fate: 'dumped', counter: 'trigger' },
  { kind: 'event', fate: 'dumped', counter: 'event' },
  { kind: 'procedure', fate: 'dumped', counter: 'procedure', type: 'PROCEDURE' },
  { kind: 'function', fate: 'dumped', counter: 'function', type: 'FUNCTION' },
  { kind: 'aggregate function', fate: 'dumped', counter: '' },
  { kind: 'routine in another language than SQL', fate: 'refused', counter: '' },
  { kind: 'package', fate: 'dumped', counter: 'package', type: 'PACKAGE' },
  { kind: 'package body', fate: 'dumped', counter: 'package_body', type: 'PACKAGE BODY' },
  { kind: 'library', fate: 'refused', counter: 'library', type: 'LIBRARY' },
  { kind: 'masking policy', fate: 'of-server', counter: 'masking_policy' },
  { kind: 'loadable function', fate: 'of-server', counter: 'udf' },
  { kind: 'spatial reference system', fate: 'of-server', counter: 'spatial_reference_system' },
  { kind: 'resource group', fate: 'of-server', counter: 'resource_group' },
  { kind: 'tablespace', fate: 'of-server', counter: '' },
  { kind: 'server', fate: 'of-server', counter: 'server' },
  { kind: 'user', fate: 'of-server', counter: 'user' },
  { kind: 'role', fate: 'of-server', counter: 'role' },
] as const satisfies readonly ObjectKindRow[];

/** A kind that create refuses. */
export type RefusedKind = Extract<(typeof OBJECT_KINDS)[number], { readonly fate: 'refused' }>['kind'];

/** Something of such a kind, by its name. */
export interface RefusedObject {
  readonly kind: RefusedKind;
  readonly name: string;
}

/** `library lib, materialized view totals`. */
export function refusedText(objects: readonly RefusedObject[]): string {
  return objects.map(({ kind, name }) => `${kind} ${name}`).join(', ');
}

/** Kinds that `--skip-routines` leaves out of the dump. */
const AMONG_ROUTINES: ReadonlySet<RefusedKind> = new Set(['library', 'routine in another language than SQL']);

export function isAmongRoutines({ kind }: RefusedObject): boolean {
  return AMONG_ROUTINES.has(kind);
}
