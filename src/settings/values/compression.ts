import { basename } from 'node:path';
import type { Destination } from '../../backups/record/destination.ts';
import {
  COMPRESSION_CHOICES,
  compressionByEnding,
  compressionOf,
  standardCompression,
} from '../../compression/methods.ts';
import type { Compression } from '../../compression/methods.ts';
import { DbBackupError } from '../../run/errors.ts';
import { badValue, type Given } from './given-text.ts';

/**
 * `none`, `gzip`, `gzip:9`, `zstd:6`; a level left out is the method's own.
 *
 * @throws {DbBackupError} `usage`.
 */
export function parseCompression(given: Given): Compression {
  const compression = compressionOf(given.text);
  if (compression === undefined) throw badValue(given, COMPRESSION_CHOICES);
  return compression;
}

/**
 * How the dump is compressed. In the backup directory gzip, unless said otherwise; a file of the user's choosing is
 * what its name says; stdout and files without a telling name are plain SQL.
 *
 * @throws {DbBackupError} `usage` when the flag contradicts the file's name. A contradicting environment or option
 *   file gives way: the name was typed for this run.
 */
export function chooseCompression(given: Given | undefined, destination: Destination): Compression {
  const asked = given === undefined ? undefined : parseCompression(given);
  if (destination.kind === 'directory') return asked ?? standardCompression('gzip');
  if (destination.kind === 'stdout')
    return given?.isFlag === true && asked ? asked : standardCompression('none');

  const byName = compressionByEnding(basename(destination.path));
  if (given?.isFlag === true && asked !== undefined) {
    if (byName !== undefined && byName !== asked.method) {
      throw new DbBackupError(
        'usage',
        `--compress ${given.text} contradicts the name of --output ${destination.path}, which says ${byName}.`,
        { hint: 'leave --compress out, or change the extension' },
      );
    }
    return asked;
  }
  return asked !== undefined && asked.method === byName ? asked : standardCompression(byName ?? 'none');
}
