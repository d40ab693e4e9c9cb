// Whether the longest record of a table fits into InnoDB's pages, as InnoDB reckons it before it makes one.
// By dict_index_too_big_for_tree() and get_field_max_size() of MySQL, and dict_index_t::record_size_info() of
// MariaDB; held against the servers themselves in an experiment; test/integration/restore/load/strict-mode.test.ts
// has its edge.
import { bytesOfCharacter, columnBytes } from './column-bytes.ts';
import type { ColumnBytes, InnodbColumn } from './column-bytes.ts';
import type { Flavour } from '../connect/flavour.ts';
import { isOlder } from '../connect/version.ts';

export type RowFormat = 'redundant' | 'compact' | 'dynamic' | 'compressed';

export interface RecordShape {
  readonly format: RowFormat;
  /** Of a compressed table. */
  readonly zipBytes: number | undefined;
  /** Those that are stored; virtual ones are not. */
  readonly columns: readonly InnodbColumn[];
  /** Of the primary key, or the unique key in its place; none: InnoDB adds a number to each row. */
  readonly key: readonly KeyPart[];
  /** Bytes of columns that the catalogue does not show, one each. */
  readonly hidden: readonly number[];
}

export interface KeyPart {
  readonly column: string;
  /** In characters; undefined: the whole column. */
  readonly prefix: number | undefined;
}

/** The server on which it is created. */
export interface PageServer {
  readonly flavour: Flavour;
  readonly version: string;
  readonly pageBytes: number;
}

const TRANSACTION_ID_BYTES = 6;
const ROLL_POINTER_BYTES = 7;
const ROW_ID_BYTES = 6;
const NODE_POINTER_BYTES = 4;

/** What stays in the row of a value that lies elsewhere. */
const REFERENCE_BYTES = 20;
const OLD_PREFIX_BYTES = 768;

/** A longer value may lie elsewhere; MySQL counts as much for each that may. */
const SHORT_BYTES = 2 * REFERENCE_BYTES;

/** Up to here the length takes one byte, which has no room for the mark that a value lies elsewhere. */
const ONE_BYTE_LENGTH = 255;
const LARGEST_PAGE_BYTES = 65_536;

/** `older`: MySQL before 8.0.30 and MariaDB before 10.4.7 count 40 bytes of a longer value in every format. */
type Counting = 'mysql' | 'mariadb' | 'older';

export function isRecordTooLarge(shape: RecordShape, server: PageServer): boolean {
  const counting = countingOf(server);
  const isCompact = shape.format !== 'redundant';
  const count = (column: InnodbColumn, prefix?: number): number =>
    fieldBytes({ bytes: columnBytes(column, isCompact), prefix }, shape.format, counting);
  const named = new Map(shape.columns.map((column) => [column.name.toLowerCase(), column]));
  const parts = shape.key.flatMap(({ column, prefix }) => {
    const found = named.get(column.toLowerCase());
    return found === undefined ? [] : [{ column: found, prefix }];
  });
  const whole = new Set(parts.filter(({ prefix }) => prefix === undefined).map(({ column }) => column));
  const others = shape.columns.filter((column) => !whole.has(column));

  const keyFields =
    parts.length === 0
      ? [ROW_ID_BYTES]
      : parts.map(({ column, prefix }) =>
          count(column, prefix === undefined ? undefined : prefix * bytesOfCharacter(column)),
        );
  const fields = [
    ...[TRANSACTION_ID_BYTES, ROLL_POINTER_BYTES],
    ...others.map((column) => count(column)),
    ...shape.hidden,
  ];
  const fieldCount = keyFields.length + fields.length;
  const { leafBytes, nodeBytes, headerBytes } = limits(shape, fieldCount, server);
  const start = isCompact
    ? headerBytes + Math.ceil(shape.columns.filter(({ nullable }) => nullable).length / 8)
    : headerBytes + 2 * fieldCount;
  const keyBytes = start + sum(keyFields);
  return keyBytes + NODE_POINTER_BYTES >= nodeBytes || keyBytes + sum(fields) >= leafBytes;
}

function countingOf({ flavour, version }: PageServer): Counting {
  return isOlder(version, flavour === 'mysql' ? '8.0.30' : '10.4.7') ? 'older' : flavour;
}

function fieldBytes(
  field: { readonly bytes: ColumnBytes; readonly prefix: number | undefined },
  format: RowFormat,
  counting: Counting,
): number {
  const { bytes, prefix } = field;
  if (bytes.kind === 'fixed')
    return prefix === undefined || counting !== 'mariadb' ? bytes.bytes : Math.min(prefix, bytes.bytes);
  const inRow =
    prefix === undefined ? keptBytes(bytes.maxBytes, format, counting) : Math.min(prefix, bytes.maxBytes);
  if (format === 'redundant') return inRow;
  // MySQL keeps the length of what it counts in full by how long the column may be.
  const isWhole = inRow === bytes.maxBytes || prefix !== undefined;
  const measured = counting !== 'mariadb' && isWhole ? bytes.maxBytes : inRow;
  return inRow + (measured <= ONE_BYTE_LENGTH ? 1 : 2);
}

/** What InnoDB reckons that at least stays in the row of a value of a variable length. */
function keptBytes(maxBytes: number, format: RowFormat, counting: Counting): number {
  if (maxBytes <= SHORT_BYTES) return maxBytes;
  const hasPrefix = format === 'redundant' || format === 'compact';
  if (counting === 'older' || (counting === 'mysql' && !hasPrefix)) return SHORT_BYTES;
  const kept = hasPrefix ? OLD_PREFIX_BYTES + REFERENCE_BYTES : REFERENCE_BYTES;
  return maxBytes > Math.max(kept, ONE_BYTE_LENGTH) ? kept : maxBytes;
}

interface Limits {
  readonly leafBytes: number;
  readonly nodeBytes: number;
  readonly headerBytes: number;
}

/** Two records have to fit into a page. */
function limits({ format, zipBytes }: RecordShape, fieldCount: number, server: PageServer): Limits {
  const { pageBytes, flavour } = server;
  if (format === 'compressed' && zipBytes !== undefined && zipBytes < pageBytes) {
    const leafBytes = Math.max(emptyZipBytes(zipBytes, fieldCount) - 1, 0);
    return { leafBytes, nodeBytes: Math.floor(leafBytes / 2), headerBytes: 2 };
  }
  const isCompact = format !== 'redundant';
  const isWide = pageBytes >= LARGEST_PAGE_BYTES && !(flavour === 'mariadb' && isCompact);
  const leafBytes = isWide ? 16_383 : Math.floor((pageBytes - (isCompact ? 132 : 137)) / 2);
  return { leafBytes, nodeBytes: leafBytes, headerBytes: isCompact ? 5 : 6 };
}

/** Space in a compressed page for its change log, next to the description of its fields. */
function emptyZipBytes(zipBytes: number, fieldCount: number): number {
  const described = 2 * (fieldCount + 1);
  const compressBound = described + (described >> 12) + (described >> 14) + 13;
  return zipBytes - 106 - compressBound;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
