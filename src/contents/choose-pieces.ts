import { damaged } from '../backups/read/damaged.ts';
import type { TakePiece } from '../backups/read/pieces/read-pieces.ts';
import type { Backup } from '../backups/record/backup.ts';
import { DbBackupError } from '../run/errors.ts';
import type { Piece, PieceKind } from '../sql/outline/dump-pieces.ts';
import type { ExtractOnly } from './extract-request.ts';

/** Which part of a backup is wanted. */
export interface Wanted {
  /** By name, tables or views. undefined: all. */
  readonly tables: ReadonlySet<string> | undefined;
  readonly only: ExtractOnly | undefined;
}

const OF_TABLES: ReadonlySet<PieceKind> = new Set(['table', 'rows', 'stand-in', 'view']);
const WITH_SCHEMA: ReadonlySet<PieceKind> = new Set(['table', 'triggers', 'stand-in', 'view']);
const OF_ALL: ReadonlySet<PieceKind> = new Set(['database', 'log', 'events', 'routines']);

/**
 * Whether a piece is part of what is wanted. With names it is what mysqldump writes for `mysqldump shop orders`: the table,
 * its rows and its triggers, or the view; nothing that concerns the database or the server.
 */
export function isWanted({ kind, name }: Piece, { tables, only }: Wanted): boolean {
  if (kind === 'head' || kind === 'foot') return true;
  if (kind === 'unknown') return false;
  if (OF_ALL.has(kind))
    return tables === undefined && (only !== 'data' || kind === 'database' || kind === 'log');
  if (tables !== undefined && !tables.has(name ?? '')) return false;
  return WITH_SCHEMA.has(kind) ? only !== 'data' : only !== 'schema';
}

/** The head of no dump is longer. */
const LONGEST_HEAD_BYTES = 1024 * 1024;

/** The first comment of the two dump tools. */
const MADE_BY_DUMP_TOOL = /^-- (?:MySQL|MariaDB) dump /m;

/**
 * Passes on the wanted pieces of a dump. The head waits for the first of them, so that nothing is passed on of a dump that
 * does not hold what was named.
 */
export class ChosenPieces {
  readonly #wanted: Wanted;
  readonly #backup: Pick<Backup, 'path' | 'manifest'>;
  readonly #pass: (bytes: Buffer) => Promise<void>;
  /** undefined: passed on. */
  #head: Buffer | undefined = Buffer.alloc(0);
  readonly #databases = new Set<string>();
  /** How much of the text is in the section of each table: up to the next heading that ends it. */
  readonly #sections = new Map<string, number>();
  #section: string | undefined;
  readonly #seen = new Set<string>();
  #hasFoot = false;

  constructor(
    wanted: Wanted,
    backup: Pick<Backup, 'path' | 'manifest'>,
    pass: (bytes: Buffer) => Promise<void>,
  ) {
    this.#wanted = wanted;
    this.#backup = backup;
    this.#pass = pass;
  }

  /** @throws {DbBackupError} `usage` for a dump that no part can be taken of; what passing on rejects with. */
  readonly take: TakePiece = async ({ piece, bytes }) => {
    const { kind, name } = piece;
    if (kind === 'head' && this.#head !== undefined) {
      this.#head = Buffer.concat([this.#head, bytes]);
      if (this.#head.length > LONGEST_HEAD_BYTES) this.#refuseOtherTool(this.#head);
      return;
    }
    if (this.#head !== undefined) this.#refuseOtherTool(this.#head);
    this.#count(piece, bytes);
    if (name !== undefined && OF_TABLES.has(kind) && this.#wanted.tables?.has(name) === true)
      this.#seen.add(name);
    if (!isWanted(piece, this.#wanted)) return;
    if (kind === 'foot' && this.#wanted.tables !== undefined && this.#seen.size === 0) return;
    await this.#passHead();
    await this.#pass(bytes);
  };

  /**
   * Call after the last piece.
   *
   * @param skipped By table, how much of its section was not read.
   * @throws {DbBackupError} `not-found` for a table that the dump does not hold; `damaged` when what was read is not what the
   *   manifest says.
   */
  async finish(skipped: ReadonlyMap<string, number>): Promise<void> {
    const { path, manifest } = this.#backup;
    if (this.#head !== undefined) this.#refuseOtherTool(this.#head);
    const tables = manifest?.tables ?? [];
    const missing = [...(this.#wanted.tables ?? [])].filter((name) => !this.#seen.has(name));
    for (const { name, uncompressedBytes } of tables) {
      if (this.#wanted.tables?.has(name) === false) continue;
      const held = (this.#sections.get(name) ?? 0) + (skipped.get(name) ?? 0);
      if (held !== uncompressedBytes)
        throw damaged(
          path,
          `was changed: the section of the table ${name} has ${held} bytes, but its manifest says ${uncompressedBytes}`,
        );
    }
    if (missing[0] !== undefined) throw notHeld(path, missing[0]);
    if (manifest !== undefined && !this.#hasFoot)
      throw damaged(path, 'does not end as the dump tools end a dump');
    if (this.#wanted.tables === undefined) await this.#passHead();
  }

  #count({ kind, name }: Piece, { length }: Buffer): void {
    if (kind === 'foot') this.#hasFoot = true;
    if (kind === 'database' && name !== undefined) {
      this.#databases.add(name);
      if (this.#databases.size > 1 && this.#wanted.tables !== undefined)
        throw ofSeveralDatabases(this.#backup.path, [...this.#databases]);
    }
    if (kind === 'table') this.#section = name;
    else if (!GOES_ON.has(kind)) this.#section = undefined;
    if (this.#section === undefined) return;
    this.#sections.set(this.#section, (this.#sections.get(this.#section) ?? 0) + length);
  }

  async #passHead(): Promise<void> {
    const head = this.#head;
    this.#head = undefined;
    if (head !== undefined) await this.#pass(head);
  }

  #refuseOtherTool(head: Buffer): void {
    const { path, manifest } = this.#backup;
    if (manifest !== undefined || MADE_BY_DUMP_TOOL.test(head.toString('latin1'))) return;
    throw new DbBackupError(
      'usage',
      `${path} was not made by mysqldump or mariadb-dump, or without comments: no part of it can be extracted.`,
      {
        hint: 'Extract all of it, or restore the table into a scratch database: restore --to <database> --table <name>.',
      },
    );
  }
}

/** What stands in the section of the table before it. */
const GOES_ON: ReadonlySet<PieceKind> = new Set(['rows', 'triggers', 'log', 'foot']);

function notHeld(path: string, name: string): DbBackupError {
  return new DbBackupError('not-found', `${path} does not contain the table or view ${name}.`);
}

function ofSeveralDatabases(path: string, databases: readonly string[]): DbBackupError {
  return new DbBackupError('usage', `${path} is a dump of several databases: ${databases.join(', ')}, ….`, {
    hint: 'Single tables are extracted only from dumps of one. restore takes one of them with --from-database NAME.',
  });
}
