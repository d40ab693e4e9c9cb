import type { CreatedFields } from '../documents/backup-documents.ts';
import type { DatabaseFailure } from '../documents/parts.ts';
import type { CreateOutcome, CreatePlans } from '../../create/request.ts';
import type { CreatedBackup } from '../../dump/backup-task.ts';
import type { CreatePlan } from '../../dump/dump-plan.ts';
import type { PrunedDatabase } from '../../prune/request.ts';
import { EXIT_CODES, isCancellation } from '../../run/errors.ts';
import type { Manifest } from '../../backups/record/manifest.ts';
import { failureFields } from './failure.ts';
import { prunedFields } from './prune/prune.ts';
import { jsonDocument } from './text/json.ts';
import { countText, durationText, sizeText } from './text/quantities.ts';
import { summaryText } from './summary.ts';
import { storedObjectsText } from './stored-objects.ts';

/** `shop backed up: 4 tables, 1.2 MB in 3 s`; of one without tables what it holds instead. */
export function createOutcomeText({ manifest }: CreatedBackup, pruned?: PrunedDatabase): string {
  const { database, tables, file, durationMs } = manifest;
  const holds = tables.length > 0 ? countText(tables.length, 'table') : withoutTables(manifest);
  const size = sizeText(file.sizeBytes);
  const made = `${database} backed up: ${holds}, ${size} in ${durationText(durationMs)}`;
  if (pruned === undefined) return made;
  const { removed, freedBytes } = pruned;
  if (removed.length === 0) return `${made}; no older backup to remove`;
  return `${made}; removed ${countText(removed.length, 'older backup')}, ${sizeText(freedBytes)}`;
}

/** `3 backups, 1.2 GB in 2 min 3 s; 1 failed`; undefined of one database. */
export function createSummaryText(
  { backups, failures }: CreateOutcome,
  durationMs: number,
): string | undefined {
  const sizeBytes = backups.reduce((sum, { manifest }) => sum + manifest.file.sizeBytes, 0);
  return summaryText({
    noun: 'backup',
    done: backups.length,
    sizeBytes,
    durationMs,
    failed: failures.length,
  });
}

function withoutTables(manifest: Manifest): string {
  const { routines, triggers, events } = manifest.options;
  const isWhole = ![routines, triggers, events].includes(false);
  const others = storedObjectsText(manifest);
  return others === '' && isWhole ? 'it is empty' : ['no tables', others].filter(Boolean).join(', ');
}

/**
 * A cancellation's own code; partial when some succeeded, or what was backed up was half restored; the failures'
 * own code when they agree on one; else the general one.
 */
export function exitCodeOfOutcome({
  backups,
  failures,
}: {
  readonly backups: readonly (CreatedBackup | CreatePlan)[];
  readonly failures: CreateOutcome['failures'];
}): number {
  if (failures.length === 0) return EXIT_CODES[backups.some(isSuspect) ? 'partial' : 'ok'].exitCode;
  const cancelled = failures.find(({ error }) => isCancellation(error));
  if (cancelled !== undefined) return cancelled.error.exitCode;
  if (backups.length > 0) return EXIT_CODES.partial.exitCode;
  const [code = EXIT_CODES.failed.exitCode, ...others] = new Set(failures.map(({ error }) => error.exitCode));
  return others.length === 0 ? code : EXIT_CODES.failed.exitCode;
}

/** Made from a database that a restore had left incomplete: a script that asked for a backup must learn of it. */
function isSuspect(backup: CreatedBackup | CreatePlan): boolean {
  return 'manifest' in backup && backup.manifest.madeFromInterrupted !== undefined;
}

/** The `--json` document; with failures it is not ok, and says which. */
export function createOutcomeDocument(outcome: CreateOutcome): string {
  const exitCode = exitCodeOfOutcome(outcome);
  return jsonDocument('create', exitCode, {
    backups: outcome.backups.map(backupDocument),
    pruned: outcome.pruned && prunedFields(outcome.pruned),
    ...(exitCode === EXIT_CODES.ok.exitCode ? {} : { failures: failuresDocument(outcome.failures) }),
  });
}

/** The same of a dry run. */
export function createPlansDocument({ plans, failures }: CreatePlans): string {
  return jsonDocument('create', exitCodeOfOutcome({ backups: plans, failures }), {
    dryRun: true,
    plans,
    ...(failures.length === 0 ? {} : { failures: failuresDocument(failures) }),
  });
}

function failuresDocument(failures: CreateOutcome['failures']): readonly DatabaseFailure[] {
  return failures.map(({ database, error }) => ({ database, error: failureFields(error) }));
}

/** A backup in a document: its manifest, and where it is. */
export function backupDocument({ manifest, path }: CreatedBackup): CreatedFields {
  // The manifest has its own schema; here it is part of a document that has one.
  const { schema: _schema, ...fields } = manifest;
  return { ...fields, path };
}
