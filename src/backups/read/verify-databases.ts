import { DatabasesReader } from '../../sql/databases/dump-databases.ts';
import type { DatabasesReport, DatabasePart } from '../../sql/databases/dump-databases.ts';
import { DbBackupError } from '../../run/errors.ts';
import { isSystemSchema } from '../../server/catalog/schemas.ts';
import { nearNames } from '../../run/similar-names.ts';
import { jobOfScratchSchema } from '../../run/scratch-names.ts';
import type { Runtime } from '../../run/runtime.ts';
import {
  readThrough,
  refuseByItsState,
  refuseForeign,
  refuseMissing,
  refuseReach,
  refuseUnreadable,
} from './verify-file.ts';
import type { VerifiedDump, VerifyRequest } from './verify-file.ts';

/** One of the databases of a file, verified. */
export interface VerifiedPart {
  readonly database: string;
  readonly verified: VerifiedDump;
}

export interface VerifiedDatabases {
  /** In the order of the file. */
  readonly parts: readonly VerifiedPart[];
  /** System schemas, and schemas left by a restore. */
  readonly leftOut: readonly string[];
}

type Request = Omit<VerifyRequest, 'target' | 'skipAccounts' | 'allowUnsafe' | 'waysOut' | 'onSql'>;

const SHOWN = 20;

/**
 * Verifies one database of a file that holds several, or one. The rest of the file must be valid SQL; what it would
 * do does not matter, because it is not run.
 *
 * @throws {DbBackupError} `usage` when the file has no such database; else as `verifyFile`.
 */
export async function verifyDatabase(
  request: Request & { readonly database: string; readonly target: string },
  runtime: Runtime,
): Promise<VerifiedPart> {
  const { backup, database, target, allowIncomplete } = request;
  const { found, read } = await readDatabases(request, '--from-database', () => target, runtime);
  const part = found.parts.find((each) => each.database === database);
  if (part === undefined) throw noSuchDatabase(backup.path, database, found.parts);
  refuseUnreadable(backup, { ...found, malformed: part.findings.malformed }, allowIncomplete);
  return verifiedPart(backup.path, part, read);
}

/**
 * Verifies every database of a file except system schemas, in one read.
 *
 * @throws {DbBackupError} `usage` when there is none; else as `verifyFile`, for the first that is refused.
 */
export async function verifyAllDatabases(request: Request, runtime: Runtime): Promise<VerifiedDatabases> {
  const { path } = request.backup;
  const { found, read } = await readDatabases(request, '--all', (database) => database, runtime);
  refuseReach(path, { unsafe: found.unnamed, isAllowable: false });
  const isLeftOut = ({ database }: DatabasePart): boolean =>
    isSystemSchema(database) || jobOfScratchSchema(database) !== undefined;
  const parts = found.parts.filter((part) => !isLeftOut(part));
  if (parts.length === 0) {
    throw new DbBackupError('usage', `${path} names no database that can be restored.`, {
      hint: 'Nothing was touched. Name the database to restore all of it into: --to <database>, without --all.',
    });
  }
  refuseUnreadable(request.backup, found, request.allowIncomplete);
  refuseAlike(path, parts);
  return {
    parts: parts.map((part) => verifiedPart(path, part, read)),
    leftOut: found.parts.filter(isLeftOut).map(({ database }) => database),
  };
}

async function readDatabases(
  request: Request,
  option: string,
  targetOf: (database: string) => string,
  runtime: Runtime,
): Promise<{ readonly found: DatabasesReport; readonly read: Omit<VerifiedDump, 'findings'> }> {
  const { backup } = request;
  refuseByItsState(backup);
  if (backup.manifest !== undefined) {
    throw new DbBackupError(
      'usage',
      `${backup.path} is a backup of one database, ${backup.manifest.database}; ${option} is for files of several. Nothing was touched.`,
      { hint: `Leave ${option} out.` },
    );
  }
  const reader = new DatabasesReader(targetOf);
  const read = await readThrough(request, reader, runtime);
  const found = reader.finish();
  refuseForeign(backup.path, { ...found, databases: [] });
  return { found, read };
}

/** @throws {DbBackupError} `unsafe`, `damaged`, naming the database. */
function verifiedPart(
  path: string,
  { database, findings }: DatabasePart,
  { sha256 }: Omit<VerifiedDump, 'findings'>,
): VerifiedPart {
  const place = `The part of ${database} in ${path}`;
  refuseReach(place, findings);
  refuseMissing(place, findings);
  return { database, verified: { findings, uncompressedBytes: findings.bytes, sha256 } };
}

function noSuchDatabase(path: string, database: string, parts: readonly DatabasePart[]): DbBackupError {
  const names = parts.map((part) => part.database);
  const near = nearNames(database, names);
  const more = names.length > SHOWN ? `, and ${names.length - SHOWN} more` : '';
  const holds =
    names.length === 0
      ? 'It names none: restore it with --to <database> and without --from-database.'
      : `It contains ${names.slice(0, SHOWN).join(', ')}${more}.`;
  return new DbBackupError(
    'usage',
    `${path} does not contain the database ${database}. Nothing was touched.`,
    {
      hint: near.length > 0 ? `Did you mean ${near.join(' or ')}? ${holds}` : holds,
    },
  );
}

/**
 * Names that differ only in case are the same database on some servers. Dumps create each database before they use
 * it, so those that are created are taken as written.
 *
 * @throws {DbBackupError} `unsafe`.
 */
function refuseAlike(path: string, parts: readonly DatabasePart[]): void {
  const seen = new Map<string, DatabasePart>();
  for (const part of parts) {
    const key = part.database.toLowerCase();
    const other = seen.get(key);
    seen.set(key, part);
    if (other === undefined || (other.isCreated && part.isCreated)) continue;
    throw new DbBackupError(
      'unsafe',
      `${path} contains ${other.database} and ${part.database}: whether they are the same database depends on the server. Nothing was touched.`,
      {
        hint: 'Restore each database with --from-database, and name the target of each of these with --to.',
      },
    );
  }
}
