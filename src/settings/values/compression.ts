import { basename } from 'node:path';
import type { Destination } from '../../backups/record/destination.ts';
import type { Compression } from '../../compression/methods.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { CompressionMethod } from '../../compression/methods.ts';
import { badValue, type Given } from './given-text.ts';

const LEVELS = {
  none: { standard: undefined, highest: 0 },
  gzip: { standard: 6, highest: 9 },
  zstd: { standard: 3, highest: 19 },
} as const satisfies Record<CompressionMethod, { standard: number | undefined; highest: number }>;

const TAKES = 'none, gzip[:1-9] or zstd[:1-19]';

/**
 * `none`, `gzip`, `gzip:9`, `zstd:6`; levels left out are 6 for gzip and 3 for zstd.
 *
 * @throws {DbBackupError} `usage`.
 */
export function parseCompression(given: Given): Compression {
  const [, method, level] = /^(none|gzip|zstd)(?::(\d{1,2}))?$/.exec(given.text) ?? [];
  if (method === undefined) throw badValue(given, TAKES);
  const known = method as CompressionMethod;
  if (level === undefined) return standard(known);
  if (Number(level) < 1 || Number(level) > LEVELS[known].highest) throw badValue(given, TAKES);
  return { method: known, level: Number(level) };
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
  if (destination.kind === 'directory') return asked ?? standard('gzip');
  if (destination.kind === 'stdout') return given?.isFlag === true && asked ? asked : standard('none');

  const byName = methodByName(basename(destination.path));
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
  return asked !== undefined && asked.method === byName ? asked : standard(byName ?? 'none');
}

function standard(method: CompressionMethod): Compression {
  return { method, level: LEVELS[method].standard };
}

/** Wider than `compressionByName()`: here a name need not be one that `list` would find. */
function methodByName(fileName: string): CompressionMethod | undefined {
  if (fileName.endsWith('.gz')) return 'gzip';
  if (fileName.endsWith('.zst')) return 'zstd';
  return fileName.endsWith('.sql') ? 'none' : undefined;
}
