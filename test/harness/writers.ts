import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type Connection } from 'mysql2/promise';
import type { TestServer } from './test-server.ts';

/** Tables that others write to: of each kind that tells in its own way, or not, when it was written to. */
export function writtenTablesSql({ flavour }: TestServer): string {
  return `
    CREATE TABLE parents (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(60), KEY (note)) ENGINE = InnoDB;
    CREATE TABLE children (id INT PRIMARY KEY, parent INT NOT NULL, note VARCHAR(60), seen INT AS (id + 1) VIRTUAL,
      FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE) ENGINE = InnoDB;
    CREATE TABLE parted (id INT PRIMARY KEY, note VARCHAR(60)) ENGINE = InnoDB PARTITION BY HASH (id) PARTITIONS 3;
    CREATE TABLE loose (id INT PRIMARY KEY, note VARCHAR(60)) ENGINE = MyISAM;
    CREATE TABLE quiet (id INT PRIMARY KEY, note VARCHAR(60)) ENGINE = InnoDB;
    INSERT INTO parents VALUES (1, 'first'); INSERT INTO children (id, parent, note) VALUES (1, 1, 'first');
    INSERT INTO quiet VALUES (1, 'never written to');
    CREATE TRIGGER noted BEFORE INSERT ON parents FOR EACH ROW SET NEW.note = CONCAT(NEW.note, ', noted');
    CREATE VIEW both_kinds AS SELECT parents.id, children.note FROM parents JOIN children ON children.parent = parents.id;
    ${flavour === 'mariadb' ? 'CREATE SEQUENCE numbers START WITH 100; SELECT NEXTVAL(numbers);' : ''}
  `;
}

export const WRITTEN_TABLES = ['parents', 'children', 'parted', 'loose'] as const;
type WrittenTable = (typeof WRITTEN_TABLES)[number];

/** Of a table, the ids of rows. */
export type Rows = ReadonlyMap<WrittenTable, ReadonlySet<number>>;

/**
 * Sessions that write to a database as its users do, and remember each row that the server has acknowledged. What the
 * server refuses (for a table that is gone for a moment, a lock, a missing parent) they forget, and go on.
 */
export class Writers {
  readonly #server: TestServer;
  readonly #database: string;
  readonly #random: () => number;
  readonly #acknowledged = new Map<WrittenTable, Set<number>>(
    WRITTEN_TABLES.map((table) => [table, new Set()]),
  );
  readonly #work: Promise<void>[] = [];
  #isStopped = false;
  #nextId = 1_000;

  /** @param random Decides on all that is random. */
  constructor(server: TestServer, database: string, random: () => number) {
    this.#server = server;
    this.#database = database;
    this.#random = random;
  }

  /** Begins to write: single rows, and transactions that stay open for up to this long. */
  start({ longestMs = 1_500 } = {}): void {
    this.#work.push(
      this.#keepAt((connection) => this.#writeRow(connection)),
      this.#keepAt((connection) => this.#writeRow(connection)),
      this.#keepAt((connection) => this.#writeTransaction(connection, longestMs)),
      this.#keepAt((connection) => this.#writeTransaction(connection, longestMs / 5)),
    );
  }

  /** Lets each end what it has begun. @returns all rows that were acknowledged. */
  async stop(): Promise<Rows> {
    this.#isStopped = true;
    await Promise.all(this.#work);
    return this.#acknowledged;
  }

  async #keepAt(write: (connection: Connection) => Promise<void>): Promise<void> {
    let connection: Connection | undefined;
    while (!this.#isStopped) {
      try {
        connection ??= await this.#connect();
        await write(connection);
      } catch (error) {
        if (!('errno' in (error as object))) throw error;
        await connection?.query('ROLLBACK').catch(() => {
          connection?.destroy();
          connection = undefined;
        });
        await sleep(5);
      }
    }
    connection?.destroy();
  }

  async #connect(): Promise<Connection> {
    const { socket, user } = this.#server;
    const connection = await createConnection({ socketPath: socket, user, database: this.#database });
    connection.on('error', () => undefined); // the server may be what was killed
    return connection;
  }

  async #writeRow(connection: Connection): Promise<void> {
    await sleep(this.#random() * 12);
    const table = WRITTEN_TABLES[Math.floor(this.#random() * WRITTEN_TABLES.length)]!;
    const id = await this.#insert(connection, table);
    this.#acknowledged.get(table)!.add(id);
  }

  async #writeTransaction(connection: Connection, longestMs: number): Promise<void> {
    await connection.query('START TRANSACTION');
    const rows: [WrittenTable, number][] = [];
    for (const table of ['parents', 'parted', 'children'] as const) {
      if (this.#random() < 0.3) continue;
      rows.push([table, await this.#insert(connection, table)]);
      await sleep(this.#random() * 20);
    }
    await sleep(this.#random() * longestMs);
    await connection.query('COMMIT');
    for (const [table, id] of rows) this.#acknowledged.get(table)!.add(id);
  }

  async #insert(connection: Connection, table: WrittenTable): Promise<number> {
    const id = this.#nextId++;
    const [columns, values] =
      table === 'children' ? ['id, parent, note', `${id}, 1`] : ['id, note', String(id)];
    await connection.query(`INSERT INTO ${table} (${columns}) VALUES (${values}, 'row ${id}')`);
    return id;
  }
}

/** The rows of writers that a database holds. @throws {Error} When one is not as it was written. */
export async function rowsOfWriters(server: TestServer, database: string): Promise<Rows> {
  const rows = new Map<WrittenTable, Set<number>>();
  for (const table of WRITTEN_TABLES) {
    const text = await server.query(`SELECT id, note FROM ${table} WHERE id >= 1000`, database);
    const ids = new Set<number>();
    for (const line of text === '' ? [] : text.split('\n')) {
      const [id = '', note = ''] = line.split('\t');
      if (!note.startsWith(`row ${id}`)) throw new Error(`${table} ${id} holds ${note}`);
      ids.add(Number(id));
    }
    rows.set(table, ids);
  }
  return rows;
}

/** Rows that were acknowledged and are in none of the others: `parents 1007`. */
export function missingRows(acknowledged: Rows, ...others: readonly Rows[]): readonly string[] {
  return [...acknowledged].flatMap(([table, ids]) =>
    [...ids].filter((id) => others.every((rows) => !rows.get(table)!.has(id))).map((id) => `${table} ${id}`),
  );
}
