import { createHash } from 'node:crypto';
import { damaged } from './damaged.ts';
import type { BackupFile } from './backup-file.ts';
import type { Backup } from '../record/backup.ts';
import { DumpReader } from '../../sql/dump-reader.ts';
import { MOST_REMARKS, remarkLines, type DumpReport, type GuardOptions } from '../../sql/dump-report.ts';
import { UNPACKERS } from '../../sql/foreign-formats.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { Manifest } from '../record/manifest.ts';
import { shellWord } from '../../run/shell-command.ts';
import type { Runtime } from '../../run/runtime.ts';

/** gzip reaches 1,032:1 on one repeated byte; dumps stay far below this. */
const LARGEST_RATIO = 500;
const RATIO_MATTERS_FROM_BYTES = 1024 ** 3;

/** What one full read of a backup found. */
export interface VerifiedDump {
  readonly findings: DumpReport;
  readonly uncompressedBytes: number;
  readonly sha256: string;
}

/** A file, or a part of it, and what was found in it. */
export interface VerifiedFile {
  /** Reads no more than is needed. */
  readonly file: BackupFile;
  readonly verified: VerifiedDump;
}

export interface VerifyRequest {
  readonly backup: Backup;
  readonly file: BackupFile;
  /** The restore's target; undefined: the database that it came from. */
  readonly target: string | undefined;
  /** Accept a dump without the dump tool's end line. */
  readonly allowIncomplete: boolean;
  /** Leave users and grants of the file out, instead of refusing it. */
  readonly skipAccounts?: boolean;
  /** Take what concerns only rows of the dump's own tables: the user will be asked about it. */
  readonly allowUnsafe?: boolean;
  /** What to do with a file of these databases, for a message. */
  readonly waysOut?: ((databases: readonly string[]) => string) | undefined;
  /** Called with the SQL as it is read. */
  readonly onSql?: (chunk: Buffer) => void;
}

/**
 * Reads a backup from the first byte to the last, and checks all that can be checked without a server: its sha256 and
 * size against the manifest, its compression to the end, the dump tool's end line, the manifest's tables, and that
 * nothing in it reaches outside the target database.
 *
 * @throws {DbBackupError} `damaged` or `unsafe`, with lines; the signal's reason.
 */
export async function verifyFile(request: VerifyRequest, runtime: Runtime): Promise<VerifiedDump> {
  const { backup } = request;
  refuseByItsState(backup);
  const { manifest, path } = backup;
  const reader = new DumpReader(guardOptionsOf(request));
  const read = await readThrough(request, reader, runtime);
  const findings = reader.finish();
  refuseForeign(path, findings, request.waysOut);
  refuseUnreadable(backup, findings, request.allowIncomplete);
  refuseReach(path, findings, { isOurs: manifest !== undefined, mayAllow: true });
  refuseMissing(path, findings, manifest);
  return { findings, ...read };
}

/** Of a file of one database. */
export function guardOptionsOf({
  backup,
  target,
  skipAccounts = false,
  allowUnsafe = false,
}: Pick<VerifyRequest, 'backup' | 'target' | 'skipAccounts' | 'allowUnsafe'>): GuardOptions {
  return {
    sourceDatabase: backup.manifest?.database,
    targetDatabase: target,
    skipAccounts,
    allowUnsafe,
  };
}

/**
 * Passes all of a file to a reader.
 *
 * @throws {DbBackupError} `damaged` when it is not what its manifest says; the signal's reason.
 */
export async function readThrough(
  { backup: { manifest, path }, file, onSql }: Pick<VerifyRequest, 'backup' | 'file' | 'onSql'>,
  reader: { push(chunk: Buffer): void },
  runtime: Runtime,
): Promise<Omit<VerifiedDump, 'findings'>> {
  const hash = createHash('sha256');
  const largestBytes = manifest?.file.uncompressedBytes ?? largestPlausible(file.sizeBytes);
  let rawBytes = 0;
  let uncompressedBytes = 0;
  const onRaw = (bytes: Buffer): void => {
    hash.update(bytes);
    rawBytes += bytes.length;
  };
  for await (const chunk of file.readSql(onRaw, runtime)) {
    runtime.signal.throwIfAborted();
    uncompressedBytes += chunk.length;
    if (uncompressedBytes > largestBytes) {
      throw damaged(
        path,
        `holds more than ${manifest === undefined ? 'any dump of its size can' : 'its manifest says'}`,
      );
    }
    reader.push(chunk);
    onSql?.(chunk);
    runtime.onProgress({ kind: 'bytes', doneBytes: rawBytes, totalBytes: file.sizeBytes });
  }
  const sha256 = hash.digest('hex');
  if (manifest !== undefined && manifest.file.sha256 !== sha256) {
    throw damaged(path, 'was changed: its sha256 differs from the manifest');
  }
  if (manifest !== undefined && manifest.file.uncompressedBytes !== uncompressedBytes) {
    throw damaged(
      path,
      `holds ${uncompressedBytes} bytes of SQL, but its manifest says ${manifest.file.uncompressedBytes}`,
    );
  }
  return { uncompressedBytes, sha256 };
}

/** @throws {DbBackupError} what is known of a backup before its first byte is read. */
export function refuseByItsState({ state, path, problem = 'no reason known' }: Backup): void {
  if (state === 'damaged') throw damaged(path, `is damaged: ${problem}`);
  if (state === 'unreadable') throw new DbBackupError('no-space', problem);
}

/** A file that is not a dump of one database is reported first: anything else about it would only mislead. */
export function refuseForeign(
  path: string,
  { looksLike, databases, malformed }: Pick<DumpReport, 'looksLike' | 'databases' | 'malformed'>,
  waysOut?: (databases: readonly string[]) => string,
): void {
  if (malformed?.isMessage === true) {
    throw new DbBackupError('damaged', `${path}: line ${malformed.line} ${malformed.reason}; remove it.`, {
      hint: 'Nothing was touched. When you make the dump, keep stderr out of the file: no 2>&1, no docker exec -t.',
    });
  }
  if (looksLike !== undefined) {
    const problem = `is not an SQL dump: it looks like ${looksLike}`;
    const unpacker = UNPACKERS[looksLike];
    if (unpacker === undefined || path === 'stdin') throw damaged(path, problem);
    throw new DbBackupError('damaged', `${path} ${problem}.`, {
      hint: `Nothing was touched. ${unpacker.startsWith('iconv') ? 'Convert' : 'Unpack'} it:\n${unpacker} ${shellWord(path)} | dbbackup restore - --to <database>`,
    });
  }
  if (databases.length <= 1) return;
  throw new DbBackupError('unsafe', `${path} is a dump of several databases: ${databases.join(', ')}.`, {
    hint: `Nothing was touched. ${waysOut?.(databases) ?? 'restore takes one of them with --from-database NAME, or each into its own with --all.'}`,
  });
}

export function refuseUnreadable(
  { path, compression }: Pick<Backup, 'path' | 'compression'>,
  { malformed, complete }: Pick<DumpReport, 'malformed' | 'complete'>,
  allowIncomplete: boolean,
): void {
  if (!complete && !allowIncomplete) {
    throw new DbBackupError(
      'damaged',
      `${path} does not end with the dump tool's last line (-- Dump completed): it is truncated, or was made without comments.`,
      {
        hint: 'Nothing was touched. If you know that it is complete, add --allow-incomplete.',
      },
    );
  }
  if (malformed !== undefined) {
    const problem = `cannot be parsed as SQL at line ${malformed.line}: ${malformed.reason}`;
    if (malformed.lacksDelimiter !== true || !allowIncomplete || path === 'stdin' || compression !== 'none')
      throw damaged(path, problem);
    throw new DbBackupError('damaged', `${path} ${problem}.`, {
      hint: `Nothing was touched. If you know that it is complete, terminate its last statement:\nprintf '\\n;\\n' | cat ${shellWord(path)} - | dbbackup restore - --to <database> --allow-incomplete`,
    });
  }
}

/** Checked after all refusals: tables and rows of refused statements would only mislead. */
export function refuseMissing(
  path: string,
  { inventory, rowsWithoutTable }: DumpReport,
  manifest?: Manifest,
): void {
  const held = new Set(inventory.tables);
  const missing = manifest?.tables.filter(({ name }) => !held.has(name)).map(({ name }) => name) ?? [];
  if (missing.length > 0)
    throw damaged(path, `lacks tables listed in its manifest: ${missing.slice(0, 5).join(', ')}`);
  if (rowsWithoutTable.length > 0) {
    throw damaged(
      path,
      `has rows for tables that it does not create (${rowsWithoutTable.slice(0, 5).join(', ')}); dbbackup restores only whole tables`,
    );
  }
}

type Judged = Pick<DumpReport, 'unsafe' | 'isAllowable'> &
  Partial<Pick<DumpReport, 'allowableCount' | 'allowedCount'>>;

/**
 * @param isOurs Made by dbbackup, and unchanged since.
 * @param mayAllow A restore of it can ask about statements that concern only its own tables.
 * @throws {DbBackupError} `unsafe`.
 */
export function refuseReach(
  path: string,
  { unsafe, isAllowable, allowableCount = 0, allowedCount = 0 }: Judged,
  { isOurs = false, mayAllow = false }: { readonly isOurs?: boolean; readonly mayAllow?: boolean } = {},
): void {
  if (unsafe.length === 0) {
    if (allowedCount <= MOST_REMARKS) return;
    throw new DbBackupError(
      'unsafe',
      `${path} contains ${allowedCount.toLocaleString('en')} statements that no dump program writes, and at most ${MOST_REMARKS} can be looked at.`,
      { hint: `Nothing was touched. ${TAKE_OUT}` },
    );
  }
  const asks = isAllowable && mayAllow;
  const what = asks ? 'that no dump program writes' : 'that reach outside the target database';
  const next = [
    ...(isOurs ? [OUR_BUG] : []),
    asks
      ? `They concern only tables of the file itself. ${wayIn(allowableCount)}`
      : otherWayOut(unsafe, isOurs),
  ];
  throw new DbBackupError(
    'unsafe',
    [`${path} contains statements ${what}:`, ...remarkLines(unsafe)].join('\n'),
    {
      hint: `Nothing was touched. ${next.join(' ')}`,
    },
  );
}

function wayIn(count: number): string {
  if (count <= MOST_REMARKS) return 'If you trust it: restore --allow-unsafe shows them and asks.';
  return `But there are ${count.toLocaleString('en')} of them, and restore --allow-unsafe takes at most ${MOST_REMARKS}. ${TAKE_OUT}`;
}

const TAKE_OUT =
  'Take them out of a copy of the file; or load it with the mysql client, by an account that has privileges on one database alone.';

const OUR_BUG =
  'dbbackup made this backup, so the database itself contains them; please report this as a bug.';

function otherWayOut(unsafe: DumpReport['unsafe'], isOurs: boolean): string {
  if (isOurs) return 'The mysql client can load the file as it is.';
  return unsafe.every(({ ofAccounts }) => ofAccounts === true)
    ? 'A restore does not create users. To skip them, add --skip-accounts'
    : 'Check these lines. If you trust the rest, remove them in a copy of the file.';
}

function largestPlausible(sizeBytes: number): number {
  return Math.max(RATIO_MATTERS_FROM_BYTES, sizeBytes * LARGEST_RATIO);
}
