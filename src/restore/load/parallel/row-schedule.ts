import type { ProvenChunk, TablePlan } from '../../../sql/script/load-plan.ts';

/** A large table, as far as it matters for when and where its rows are loaded. */
export interface TableRows {
  readonly table: TablePlan;
  readonly chunks: readonly ProvenChunk[];
  /** How many rows there are in a byte of its INSERTs. */
  readonly rowsPerByte: number;
  /** How many are added behind its rows. */
  readonly indexes: number;
  /** Whether several connections may fill it at once. */
  readonly canSplit: boolean;
}

/** Chunks of one table that one connection loads, one behind the other. */
export interface RowRun {
  readonly table: TablePlan;
  /** In the order of the file, and next to each other: rows dealt in turn would split the table's pages. */
  readonly chunks: readonly ProvenChunk[];
  /** Which of the INSERTs that are in chunks it begins with; 1-based. */
  readonly firstStatement: number;
}

/** Below this, more connections would only wait for each other. */
const SPLIT_FROM_BYTES = 8 * 1024 * 1024;

/**
 * How long a row takes besides its bytes, and to put it into an index that is added later: as long as so many bytes.
 * Measured with rows of 60 to 800 bytes on the three servers; it need not be exact.
 */
const ROW_BYTES = 120;
const INDEX_ENTRY_BYTES = 70;

/**
 * In which order the rows of large tables are loaded; each connection takes the next run when it is free. First the
 * table whose rows and indexes take longest, because what comes last ends with an index that a single core makes.
 */
export function scheduleRows(tables: readonly TableRows[], connections: number): readonly RowRun[] {
  return tables
    .map((rows) => ({ rows, cost: costOf(rows, connections) }))
    .sort((a, b) => b.cost - a.cost)
    .flatMap(({ rows }) => runsOf(rows, connections));
}

function costOf(rows: TableRows, connections: number): number {
  const bytes = bytesOf(rows.chunks);
  const count = bytes * rows.rowsPerByte;
  const filling = (bytes + count * ROW_BYTES) / (isSplit(rows) ? connections : 1);
  return filling + count * INDEX_ENTRY_BYTES * rows.indexes;
}

function isSplit({ chunks, canSplit }: TableRows): boolean {
  return canSplit && bytesOf(chunks) >= SPLIT_FROM_BYTES;
}

function runsOf(rows: TableRows, connections: number): readonly RowRun[] {
  const { table, chunks } = rows;
  const most = isSplit(rows) ? connections : 1;
  const runBytes = bytesOf(chunks) / most;
  const groups: ProvenChunk[][] = [];
  let bytes = 0;
  for (const chunk of chunks) {
    // Where most of it belongs.
    const group = Math.min(most - 1, Math.floor((bytes + chunk.uncompressedBytes / 2) / runBytes));
    (groups[group] ??= []).push(chunk);
    bytes += chunk.uncompressedBytes;
  }
  let firstStatement = 1;
  return groups
    .filter((group) => group.length > 0)
    .map((group) => {
      const run = { table, chunks: group, firstStatement };
      firstStatement += group.reduce((sum, { statements }) => sum + statements, 0);
      return run;
    });
}

function bytesOf(chunks: readonly ProvenChunk[]): number {
  return chunks.reduce((sum, { uncompressedBytes }) => sum + uncompressedBytes, 0);
}
