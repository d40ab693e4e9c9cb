import { openBackupFile } from '../backups/read/backup-file.ts';
import type { BackupFile } from '../backups/read/backup-file.ts';
import { shownReference } from '../backups/record/backup.ts';
import type { Backup } from '../backups/record/backup.ts';
import { DbBackupError, isCancellation } from '../run/errors.ts';
import { proofOf } from './proof.ts';
import type { Rehearsal } from '../backups/record/manifest.ts';
import type { Proof } from './proof.ts';
import { chooseBackups, STDIN } from './choose-backups.ts';
import type { Chosen } from './choose-backups.ts';
import { withPlaceOfDamage } from '../backups/read/locate-damage.ts';
import { receiveBackup } from '../backups/read/receive-backup.ts';
import { pruneJobs } from '../jobs/prune-jobs.ts';
import { recordOutcome } from './record-outcome.ts';
import { rehearse } from './rehearse.ts';
import type { RehearseRequest } from './rehearsal-task.ts';
import type { Runtime } from '../run/runtime.ts';
import { chooseWritable } from '../backups/directory/stand-in-directory.ts';
import type { VerifiedDump } from '../backups/read/verify-file.ts';
import { verifySections } from '../backups/read/verify-sections.ts';

export interface VerifyBackupsRequest {
  /** The backup directory, absolute. */
  readonly directory: string;
  /** As `restore` takes them; none: the newest of each database. */
  readonly references: readonly string[];
  /** Every backup of the backup directory. */
  readonly all: boolean;
  /** Accept dumps without the dump tool's end line. */
  readonly allowIncomplete: boolean;
  /** Leave users and grants of the file out, instead of refusing it. */
  readonly skipAccounts?: boolean;
  /** Load them into a scratch schema as well. */
  readonly rehearsal:
    Pick<RehearseRequest, 'connection' | 'connections' | 'loadAccount' | 'sameServer'> | undefined;
}

/** The outcome for one backup. */
export interface Verification {
  /** As `restore` takes it; `-` for stdin. */
  readonly reference: string;
  readonly backup: Backup | undefined;
  readonly durationMs: number;
  /** What reading it found; undefined when reading failed. */
  readonly verified: VerifiedDump | undefined;
  readonly proof: Proof | undefined;
  /** undefined when none was asked for, or it failed. */
  readonly rehearsal: Rehearsal | undefined;
  readonly error: DbBackupError | undefined;
}

/** Called for each backup in turn, because several may take hours. */
export interface VerifyFollower {
  begins(reference: string): void;
  ended(verification: Verification): Promise<void>;
}

/**
 * Reads backups one after the other, each to its end; one that is damaged does not keep the next from being read.
 * Without rehearsal it needs no server, and writes only what came of it into the manifests.
 *
 * @returns one entry for every backup that was asked for; after a cancellation, which is the last, there are no
 *   more.
 * @throws {DbBackupError} `not-found` or `usage` before anything is read, when one of them is not there.
 */
export async function verifyBackups(
  request: VerifyBackupsRequest,
  runtime: Runtime,
  follower: VerifyFollower,
): Promise<readonly Verification[]> {
  const verifications: Verification[] = [];
  for (const chosen of await chooseBackups(request, runtime)) {
    const reference = referenceOf(chosen, request.directory);
    follower.begins(reference);
    const verification = await verifyOne(chosen, reference, request, runtime);
    verifications.push(verification);
    await follower.ended(verification);
    if (isCancellation(verification.error)) break;
  }
  if (request.rehearsal !== undefined) {
    const { directory } = request;
    await pruneJobs(await chooseWritable({ directory, database: undefined }, runtime), runtime);
  }
  return verifications;
}

function referenceOf(chosen: Chosen, directory: string): string {
  if (chosen === STDIN) return STDIN;
  return 'error' in chosen ? `${chosen.database}/latest` : shownReference(chosen, directory);
}

async function verifyOne(
  chosen: Chosen,
  reference: string,
  request: VerifyBackupsRequest,
  runtime: Runtime,
): Promise<Verification> {
  const startedAt = runtime.now().getTime();
  // The clock may be set back.
  const durationMs = (): number => Math.max(0, runtime.now().getTime() - startedAt);
  let backup = chosen === STDIN || 'error' in chosen ? undefined : chosen;
  let verified: VerifiedDump | undefined;
  try {
    await using opened = await open(chosen, request.directory, runtime);
    backup = opened.backup;
    runtime.onProgress({ kind: 'step', message: 'Reading the backup...' });
    verified = await verifyWhole(opened, request, runtime);
    await recordOutcome(backup, undefined, runtime);
    const rehearsal =
      request.rehearsal &&
      (await rehearse({ ...opened, ...request.rehearsal, directory: request.directory, verified }, runtime));
    const proof = proofOf(backup, verified.findings, rehearsal);
    return { reference, backup, durationMs: durationMs(), verified, proof, rehearsal, error: undefined };
  } catch (error) {
    if (!(error instanceof DbBackupError)) throw error;
    if (backup && verified === undefined) await recordOutcome(backup, error, runtime);
    // What was proven before a rehearsal failed is still proven.
    const proof = backup && verified && proofOf(backup, verified.findings, undefined);
    return { reference, backup, durationMs: durationMs(), verified, proof, rehearsal: undefined, error };
  }
}

interface Opened {
  readonly backup: Backup;
  readonly file: BackupFile;
}

async function open(chosen: Chosen, directory: string, runtime: Runtime): Promise<Opened & AsyncDisposable> {
  if (chosen === STDIN) return receiveBackup(directory, runtime);
  if ('error' in chosen) throw chosen.error;
  const file = await openBackupFile(chosen.path);
  return { backup: chosen, file, [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() };
}

/** @throws {DbBackupError} `damaged`, with the place where it can be told; `unsafe`; the signal's reason. */
async function verifyWhole(
  { backup, file }: Opened,
  { allowIncomplete, skipAccounts = false }: VerifyBackupsRequest,
  runtime: Runtime,
): Promise<VerifiedDump> {
  try {
    return await verifySections({ backup, file, target: undefined, allowIncomplete, skipAccounts }, runtime);
  } catch (error) {
    if (!(error instanceof DbBackupError) || error.code !== 'damaged') throw error;
    throw await withPlaceOfDamage(error, file, backup.manifest, runtime);
  }
}
