import { backupReference, type Backup } from '../../backups/record/backup.ts';
import type { ListedBackup, UnreadableFields } from '../documents/backup-documents.ts';
import { failedProofs } from '../../backups/record/is-good.ts';
import { isSameServer, serverText } from '../../server/instance/server-identity.ts';
import type { UnreadableFolder } from '../../backups/directory/list-backups.ts';
import { columns, firstThatFits, widestLine } from './text/columns.ts';
import type { Paint } from './text/paint.ts';
import { ageText, countText, sizeText, timeText } from './text/quantities.ts';
import type { TimeText } from './text/quantities.ts';
import { safeText } from './text/safe-text.ts';
import { isPinned } from '../../prune/indispensable.ts';
import { pinnedText } from './prune/pin.ts';
import { storedObjectsText } from './stored-objects.ts';
import { wrappedProse } from './text/wrap.ts';

/**
 * The table of `dbbackup list`. The first column is what `restore` takes.
 *
 * @param width Of the terminal: where the table would be wider, the time is left out, which most names contain
 *   anyway; then the number of tables; then states are broken into lines, the age is dropped, and last the middle of
 *   long names, which are there to be typed.
 */
export function renderBackups(
  backups: readonly Backup[],
  now: Date,
  paint: Paint,
  width = Infinity,
  time: TimeText = timeText,
): string {
  // Most backup directories are those of one server, which is worth no column.
  const servers = backups.flatMap(({ manifest }) => manifest?.server ?? []);
  const ofSeveralServers = servers.some((server) => servers[0] && !isSameServer(server, servers[0]));
  const table =
    (withTime: boolean, withTables: boolean, { withAge = true, narrow = false, cut = false } = {}) =>
    (): string => {
      const before = [
        'BACKUP',
        ...(withTime ? ['TIME'] : []),
        ...(withAge ? ['AGE'] : []),
        'SIZE',
        ...(withTables ? ['TABLES'] : []),
      ];
      const rows = backups.map((backup) => ({
        before: [
          safeText(backupReference(backup)),
          ...(withTime ? [time(backup.startedAt)] : []),
          ...(withAge ? [paint.faint(ageText(backup.startedAt, now))] : []),
          sizeText(backup.sizeBytes),
          ...(withTables ? [backup.manifest === undefined ? '' : String(backup.manifest.tables.length)] : []),
        ],
        state: stateText(backup, paint) + moreOfState(backup, now, paint),
        behind: ofSeveralServers ? [serverOf(backup)] : [],
      }));
      const behind = ofSeveralServers ? ['SERVER'] : [];
      // What the other columns leave of the width, where each state had one letter.
      const others = (): string =>
        columns([[...before, '-', ...behind], ...rows.map((row) => [...row.before, '-', ...row.behind])]);
      const room = narrow ? Math.max(NARROWEST_STATE, width - widestLine(others()) + 1) : Infinity;
      const lines = rows.flatMap((row) =>
        wrappedProse(row.state, room, NARROWEST_STATE).map((line, index) =>
          index === 0 ? [...row.before, line, ...row.behind] : [...before.map(() => ''), line],
        ),
      );
      const size = 1 + Number(withTime) + Number(withAge);
      const rightAligned = withTables ? [size, size + 1] : [size];
      const head = [...before, 'STATE', ...behind].map(paint.heading);
      return columns([head, ...lines], { rightAligned, fit: cut ? { width, column: 0 } : undefined });
    };
  return (
    firstThatFits(
      width,
      table(true, true),
      table(false, true),
      table(false, false),
      table(false, false, { narrow: true }),
      table(false, false, { narrow: true, withAge: false }),
      table(false, false, { narrow: true, withAge: false, cut: true }),
    ) + renderProblems(backups, paint)
  );
}

/** As wide as `unreadable,`: narrower, its words would not fit. */
const NARROWEST_STATE = 11;

/** One `shop/manual_…` a line, for scripts. */
export function renderBackupNames(backups: readonly Backup[]): string {
  return backups.map((backup) => `${safeText(backupReference(backup))}\n`).join('');
}

/** What is wrong with backups that are damaged, unreadable or suspect, or failed when they were tried, one a line. */
export function renderProblems(backups: readonly Backup[], paint: Paint): string {
  return backups
    .flatMap((backup) => {
      const reference = safeText(backupReference(backup));
      const { problem, manifest } = backup;
      return [
        ...(problem === undefined
          ? []
          : [`${stateText(backup, paint)}: ${reference}: ${safeText(problem)}\n`]),
        ...failedProofs(manifest).map(
          (failed) =>
            `${paint.bad(FAILED[failed.kind])}: ${reference} on ${failed.at.slice(0, 10)}: ${safeText(failed.problem)}\n`,
        ),
      ];
    })
    .join('');
}

const FAILED = { verify: 'failed verify', rehearsal: 'rehearsal failed' } as const;

/** A backup in the `--json` document: what its place tells, then what its manifest does. */
export function backupFields(backup: Backup): ListedBackup {
  const { manifest, manifestFile: _, ...place } = backup;
  return {
    ...place,
    tables: manifest?.tables.length,
    counts: manifest?.counts,
    finishedAt: manifest?.finishedAt,
    durationMs: manifest?.durationMs,
    uncompressedBytes: manifest?.file.uncompressedBytes,
    sha256: manifest?.file.sha256,
    server: manifest?.server,
    job: manifest?.job,
    warnings: manifest?.warnings,
    restoreOnly: manifest?.restoreOnly,
    madeFromInterrupted: manifest?.madeFromInterrupted,
    inexactColumns: manifest?.inexactColumns,
    skippedBroken: manifest?.skippedBroken,
    rehearsal: manifest?.rehearsal,
    verification: manifest?.verification,
    copies: manifest?.copies,
    pin: manifest?.pin,
  };
}

/** `10.0.0.5:3306`; empty where it is unknown. */
function serverOf({ manifest }: Backup): string {
  return manifest === undefined ? '' : safeText(serverText(manifest.server));
}

/** A folder that cannot be read in the `--json` document. */
export function folderFields({ database, path, error }: UnreadableFolder): UnreadableFields {
  return { database, path, message: error.message, hint: error.hint };
}

/** `, in place only, rehearsed 3 h ago`; empty for most. */
function moreOfState(backup: Backup, now: Date, paint: Paint): string {
  return (
    insteadOfTables(backup) +
    restoreOnlyText(backup, paint) +
    brokenText(backup, paint) +
    verificationText(backup, now, paint) +
    rehearsalText(backup, now, paint) +
    pinOfBackup(backup, now)
  );
}

/** `, 1 procedure`; empty for a backup with tables. */
function insteadOfTables({ manifest }: Backup): string {
  if (manifest === undefined || manifest.tables.length > 0) return '';
  const others = storedObjectsText(manifest);
  return others === '' ? '' : `, ${others}`;
}

/** `, in place only`; empty when every way of restoring is open. */
function restoreOnlyText({ manifest }: Backup, paint: Paint): string {
  return manifest?.restoreOnly === undefined ? '' : `, ${paint.caution('in place only')}`;
}

/** `, without 1 broken object`; empty when nothing was left out. */
function brokenText({ manifest }: Backup, paint: Paint): string {
  const count = manifest?.skippedBroken?.length ?? 0;
  return count === 0 ? '' : `, ${paint.caution(`without ${countText(count, 'broken object')}`)}`;
}

/** `, failed verify 3 h ago`; empty unless it did. */
function verificationText({ manifest }: Backup, now: Date, paint: Paint): string {
  const { verification } = manifest ?? {};
  return verification?.ok === false ? `, ${paint.bad(FAILED.verify)} ${ageText(verification.at, now)}` : '';
}

/** `, rehearsed 3 h ago`; empty when it never was. */
function rehearsalText({ manifest }: Backup, now: Date, paint: Paint): string {
  if (manifest?.rehearsal === undefined) return '';
  const { ok, at } = manifest.rehearsal;
  return `, ${ok ? 'rehearsed' : paint.bad('rehearsal failed')} ${ageText(at, now)}`;
}

/** `, pinned until 2027-01-31: before the upgrade`; empty for one that is not, or no longer. */
function pinOfBackup({ manifest }: Backup, now: Date): string {
  return manifest?.pin !== undefined && isPinned(manifest, now) ? `, ${pinnedText(manifest.pin)}` : '';
}

function stateText({ state }: Backup, paint: Paint): string {
  if (state === 'complete') return paint.good(state);
  return state === 'damaged' || state === 'unreadable' ? paint.bad(state) : paint.caution(state);
}
