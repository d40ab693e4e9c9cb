import type { CompressionContext } from '../../compression/codec.ts';
import type { BackupFile } from './backup-file.ts';
import { damagedParts, hasOffsets } from './backup-parts.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { Manifest } from '../record/manifest.ts';

const SHOWN_PARTS = 5;
const SHOWN_TABLES = 5;

/**
 * The same failure, with the parts of the file that are damaged. They can be determined only for a compressed
 * file of dbbackup, in which every part has its own checksums.
 */
export async function withPlaceOfDamage(
  error: DbBackupError,
  file: BackupFile,
  manifest: Manifest | undefined,
  context: CompressionContext,
): Promise<DbBackupError> {
  if (manifest === undefined || file.compression === 'none' || !hasOffsets(manifest)) return error;
  const parts = await damagedParts(file, manifest, context);
  if (parts.length === 0) return error;
  const shown = parts.slice(0, SHOWN_PARTS).map(({ tables, fromBytes, toBytes, isLast }) => {
    const what =
      tables.length === 0
        ? 'the part before the first table'
        : `${listed(tables)}${isLast ? ' or what follows it' : ''}`;
    return `${what} (bytes ${fromBytes} to ${toBytes} of the file)`;
  });
  const more = parts.length > SHOWN_PARTS ? ` and ${parts.length - SHOWN_PARTS} more` : '';
  return new DbBackupError('damaged', `${error.message} Damaged: ${shown.join(', ')}${more}.`, {
    hint: error.hint,
    cause: error,
  });
}

function listed(tables: readonly string[]): string {
  if (tables.length === 1) return `the table ${tables.join()}`;
  const more = tables.length > SHOWN_TABLES ? ` and ${tables.length - SHOWN_TABLES} more` : '';
  return `one of the tables ${tables.slice(0, SHOWN_TABLES).join(', ')}${more}`;
}
