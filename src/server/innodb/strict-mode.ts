// Tables that InnoDB makes only while innodb_strict_mode is OFF.
import type { Flavour } from '../connect/flavour.ts';
import { isRecordTooLarge } from './record-size.ts';
import type { PageServer, RecordShape, RowFormat } from './record-size.ts';

/** Its longest row does not fit into a page (error 1118); its options do not go together (1478, 1031). */
export type StrictRefusal = 'row size' | 'options';

export interface StrictServer extends PageServer {
  readonly defaultRowFormat: string;
  readonly filePerTable: boolean;
}

export interface InnodbTable extends Omit<RecordShape, 'format' | 'zipBytes'> {
  /** As the catalogue has them: `row_format=COMPRESSED key_block_size=8 partitioned`. */
  readonly options: string;
}

export interface RefusedTable {
  readonly name: string;
  readonly strictRefusal: StrictRefusal | undefined;
}

const KIB = 1_024;

/** Of the largest page that can be compressed. */
const LARGEST_ZIP_KIB = 16;

/** Why a server in strict mode would refuse to make it; undefined: it would not. */
export function strictRefusal(table: InnodbTable, server: StrictServer): StrictRefusal | undefined {
  const named = /\brow_format=(?!default\b)(\w+)/i.exec(table.options)?.[1]?.toLowerCase();
  const blockKiB = Number(/\bkey_block_size=(\d+)/i.exec(table.options)?.[1] ?? 0);
  const pageKiB = server.pageBytes / KIB;
  if (blockKiB > 0 || named === 'compressed') {
    const fits = blockKiB === 0 || ([1, 2, 4, 8, 16].includes(blockKiB) && blockKiB <= pageKiB);
    if (!fits || !server.filePerTable || pageKiB > LARGEST_ZIP_KIB) return 'options';
    if (named !== undefined && named !== 'compressed') return 'options';
  }
  const format = named ?? (blockKiB > 0 ? 'compressed' : server.defaultRowFormat.toLowerCase());
  if (!isRowFormat(format)) return 'options';
  const zipBytes = (blockKiB > 0 ? blockKiB : Math.min(pageKiB, LARGEST_ZIP_KIB) / 2) * KIB;
  return isRecordTooLarge({ ...table, format, zipBytes }, server) ? 'row size' : undefined;
}

function isRowFormat(word: string): word is RowFormat {
  return ['redundant', 'compact', 'dynamic', 'compressed'].includes(word);
}

const TABLES_SHOWN = 10;

/** `orders (row size), log (options) and 3 more`; undefined when none would be refused. */
export function namedRefusals(tables: readonly RefusedTable[]): string | undefined {
  const refused = tables.flatMap(({ name, strictRefusal: reason }) =>
    reason === undefined ? [] : [`${name} (${reason})`],
  );
  if (refused.length === 0) return undefined;
  const shown = refused.slice(0, TABLES_SHOWN);
  const more = refused.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What create says of them; undefined when there are none. */
export function strictWarning(tables: readonly RefusedTable[], flavour: Flavour): string | undefined {
  const named = namedRefusals(tables);
  if (named === undefined) return undefined;
  const needs = flavour === 'mysql' ? ', for which its account needs SESSION_VARIABLES_ADMIN' : '';
  return `InnoDB makes these tables only while innodb_strict_mode is OFF: ${named}. restore switches it off automatically${needs}. With another client: SET SESSION innodb_strict_mode = OFF.`;
}
