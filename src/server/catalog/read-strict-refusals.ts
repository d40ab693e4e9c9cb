import { strictRefusal } from '../innodb/strict-mode.ts';
import type { InnodbTable, StrictRefusal, StrictServer } from '../innodb/strict-mode.ts';
import type { KeyPart } from '../innodb/record-size.ts';
import type { Row, Server } from '../connect/server.ts';

/** Rows of the catalogue; see `readDatabaseFacts()`. */
interface CatalogueRows {
  readonly tables: readonly Row[];
  readonly columns: readonly Row[];
  readonly indexes: readonly Row[];
}

const ROW_TIME_BYTES = 7;

/** The tables that this server would refuse to make again in strict mode, by what the catalogue says of them. */
export async function readStrictRefusals(
  server: Server,
  rows: CatalogueRows,
): Promise<ReadonlyMap<string, StrictRefusal>> {
  const tables = rows.tables.filter((row) => row['engine'] === 'InnoDB' && row['table_type'] !== 'SEQUENCE');
  if (tables.length === 0) return new Map();
  const strict = await readStrictServer(server);
  const columns = byTable(rows.columns);
  const indexes = byTable(rows.indexes);
  return new Map(
    tables.flatMap((row) => {
      const name = String(row['name']);
      const refusal = strictRefusal(
        innodbTable(row, columns.get(name) ?? [], indexes.get(name) ?? []),
        strict,
      );
      return refusal === undefined ? [] : [[name, refusal] as const];
    }),
  );
}

async function readStrictServer(server: Server): Promise<StrictServer> {
  const [row] = await server.query(
    'SELECT @@innodb_page_size AS page, @@innodb_default_row_format AS format, @@innodb_file_per_table AS own_file',
  );
  return {
    flavour: server.flavour,
    version: server.version,
    pageBytes: Number(row?.['page']),
    defaultRowFormat: String(row?.['format']),
    filePerTable: Number(row?.['own_file']) === 1,
  };
}

function byTable(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const table = String(row['table_name']);
    const those = found.get(table);
    if (those === undefined) found.set(table, [row]);
    else those.push(row);
  }
  return found;
}

function innodbTable(table: Row, columns: readonly Row[], indexes: readonly Row[]): InnodbTable {
  const stored = columns.filter(({ extra }) => !String(extra).includes('VIRTUAL GENERATED'));
  const hasRowTimes = columns.some(({ generated }) => /^ROW (?:START|END)$/.test(String(generated)));
  const isVersioned = table['table_type'] === 'SYSTEM VERSIONED' && !hasRowTimes;
  return {
    options: String(table['options'] ?? ''),
    columns: stored.map((row) => ({
      name: String(row['name']),
      type: String(row['type']),
      octets: row['octets'] === null ? undefined : Number(row['octets']),
      collation: String(row['collation'] ?? ''),
      nullable: row['nullable'] === 'YES',
    })),
    key: clusteredKey(indexes, stored),
    // Not the 8 bytes that a full-text index adds: to tell what an index is, MariaDB opens every table.
    hidden: isVersioned ? [ROW_TIME_BYTES, ROW_TIME_BYTES] : [],
  };
}

/**
 * The primary key, or a unique key of whole columns that are never NULL. Which one it is when there are several makes no
 * difference to the length of a record.
 */
function clusteredKey(indexes: readonly Row[], stored: readonly Row[]): readonly KeyPart[] {
  const keys = new Map<string, Row[]>();
  for (const row of indexes)
    if (Number(row['non_unique']) === 0)
      keys.set(String(row['name']), [...(keys.get(String(row['name'])) ?? []), row]);
  const required = new Set(
    stored.filter(({ nullable }) => nullable === 'NO').map(({ name }) => String(name).toLowerCase()),
  );
  const isWhole = (row: Row): boolean =>
    row['prefix'] === null && required.has(String(row['column_name']).toLowerCase());
  const key = keys.get('PRIMARY') ?? [...keys.values()].find((rows) => rows.every(isWhole)) ?? [];
  return key.map((row) => ({
    column: String(row['column_name']),
    prefix: row['prefix'] === null ? undefined : Number(row['prefix']),
  }));
}
