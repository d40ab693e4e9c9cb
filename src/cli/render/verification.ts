import type { VerifiedFields } from '../documents/backup-documents.ts';
import type { Verification } from '../../verify/verify-backups.ts';
import { EXIT_CODES, isCancellation } from '../../run/errors.ts';
import { countObjects } from '../../sql/definitions/object-names.ts';
import { whyOnlyInPlace } from '../../sql/script/only-in-place.ts';
import { columns } from './text/columns.ts';
import { failureFields } from './failure.ts';
import { jsonDocument } from './text/json.ts';
import type { Paint } from './text/paint.ts';
import { durationText, sizeText } from './text/quantities.ts';
import { safeText } from './text/safe-text.ts';
import { wrappedProse, wrappedRows } from './text/wrap.ts';

/** For a backup in which nothing wrong was found: what it holds, what is proven, what is not, and notes. */
export function renderVerification(
  { reference, backup, verified, proof, rehearsal, durationMs }: Verification,
  paint: Paint,
  width = Infinity,
): string {
  if (backup === undefined || verified === undefined || proof === undefined) return '';
  const { inventory, warnings, script } = verified.findings;
  const onlyInPlace = whyOnlyInPlace(script);
  const size = `${sizeText(backup.sizeBytes)}, ${sizeText(verified.uncompressedBytes)} of SQL`;
  const holds = countObjects(inventory) || 'no table';
  const item = (what: string, text: string): readonly [string, string] => [`  ${what}`, safeText(text)];
  const head = `${paint.good('OK')}  ${safeText(reference)}: ${size}, ${holds}, verified in ${durationText(durationMs)}`;
  const items = [
    ...proof.proved.map((text) => item('checked', text)),
    ...proof.notProved.map((text) => item('not checked', text)),
    ...(rehearsal === undefined
      ? []
      : [item('restore', `takes about ${durationText(rehearsal.durationMs)} on that server`)]),
    ...(backup.state === 'suspect' ? [item('suspect', backup.problem ?? '')] : []),
    ...warnings.map(({ line, reason, text }) => item('note', `line ${line} ${reason}: ${text}`)),
    ...(onlyInPlace === undefined ? [] : [item('note', `it can only be restored in place: ${onlyInPlace}`)]),
  ];
  return `${wrappedProse(head, width).join('\n')}\n${columns(wrappedRows(items, width))}`;
}

/**
 * A cancellation's own code; else that of the worst finding: damaged, then unsafe; else the failures' own code
 * when they agree on one.
 */
export function exitCodeOfVerifications(verifications: readonly Pick<Verification, 'error'>[]): number {
  const errors = verifications.flatMap(({ error }) => error ?? []);
  const cancelled = errors.find(isCancellation);
  if (cancelled !== undefined) return cancelled.exitCode;
  for (const worst of ['damaged', 'unsafe'] as const)
    if (errors.some(({ code }) => code === worst)) return EXIT_CODES[worst].exitCode;
  const [code = EXIT_CODES.ok.exitCode, ...others] = new Set(errors.map(({ exitCode }) => exitCode));
  return others.length === 0 ? code : EXIT_CODES.failed.exitCode;
}

/** The `--json` document: one result for each backup; not ok when one of them is not. */
export function verificationsDocument(verifications: readonly Verification[]): string {
  const exitCode = exitCodeOfVerifications(verifications);
  const results = verifications.map(verificationFields);
  return jsonDocument('verify', exitCode, { results });
}

function verificationFields({
  reference,
  backup,
  verified,
  proof,
  rehearsal,
  durationMs,
  error,
}: Verification): VerifiedFields {
  const inventory = verified?.findings.inventory;
  return {
    reference,
    ok: error === undefined,
    name: backup?.name,
    database: backup?.database === '' ? undefined : backup?.database,
    path: backup?.path,
    sizeBytes: backup?.sizeBytes,
    uncompressedBytes: verified?.uncompressedBytes,
    sha256: verified?.sha256,
    state: backup?.state,
    hasManifest: backup === undefined ? undefined : backup.manifest !== undefined,
    tables: inventory?.tables.length,
    counts: inventory && {
      views: inventory.views.length,
      routines: inventory.routines.length,
      triggers: inventory.triggers.length,
      events: inventory.events.length,
    },
    ...proof,
    warnings: verified && [...verified.findings.outside, ...verified.findings.warnings],
    durationMs,
    rehearsal,
    error: error && failureFields(error),
  };
}
