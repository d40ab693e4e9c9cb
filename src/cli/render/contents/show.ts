import { type Backup, shownReference } from '../../../backups/record/backup.ts';
import { failedProofs } from '../../../backups/record/is-good.ts';
import type { Manifest } from '../../../backups/record/manifest.ts';
import type { SafetyOf, ShownBackup } from '../../../contents/show-backup.ts';
import { furtherCommand } from '../../../run/further-command.ts';
import { FLAVOUR_NAMES } from '../../../server/connect/flavour.ts';
import { serverText } from '../../../server/instance/server-identity.ts';
import { isPinned } from '../../../prune/indispensable.ts';
import { keptText } from '../jobs/kept.ts';
import { pinnedText } from '../prune/pin.ts';
import { storedObjectsText } from '../stored-objects.ts';
import { columns } from '../text/columns.ts';
import { jsonDocument } from '../text/json.ts';
import type { Paint } from '../text/paint.ts';
import { ageText, countText, durationText, sizeText, timeText, type TimeText } from '../text/quantities.ts';
import { safeText } from '../text/safe-text.ts';
import { wrappedRows } from '../text/wrap.ts';

type Fact = readonly [name: string, text: string];

export interface ShowOptions {
  /** The backup directory, absolute. */
  readonly directory: string;
  readonly program: string;
  readonly time?: TimeText;
  /** Of the terminal. */
  readonly width?: number;
}

/** `dbbackup show`: the facts, then the tables by size, then the stored objects. */
export function renderBackup(
  shown: ShownBackup,
  now: Date,
  paint: Paint,
  { directory, program, time = timeText, width = Infinity }: ShowOptions,
): string {
  const { backup } = shown;
  const { manifest } = backup;
  const facts: readonly Fact[] = [
    ...placeFacts(shown, now, paint, time),
    ...(manifest === undefined ? [] : manifestFacts(manifest, now, paint, time)),
    ...(shown.safetyOf === undefined ? [] : safetyFacts(shown.safetyOf, time)),
    ...unknownFacts(backup),
  ];
  const named = ([name, text]: Fact): Fact => [`  ${paint.faint(name)}`, text];
  // A command is never broken.
  const commands = commandsFor(shown, directory, program).map(named);
  return (
    `${paint.heading(safeText(shownReference(backup, directory)))}\n` +
    columns([...wrappedRows(facts.map(named), width), ...commands]) +
    (manifest === undefined ? '' : tablesText(manifest, paint) + objectsText(manifest, paint))
  );
}

function placeFacts(
  { backup, namedDatabase }: ShownBackup,
  now: Date,
  paint: Paint,
  time: TimeText,
): readonly Fact[] {
  const { manifest, startedAt, sizeBytes, compression, path } = backup;
  const took = manifest === undefined ? '' : `, in ${durationText(manifest.durationMs)}`;
  const sql = manifest === undefined ? '' : `, ${sizeText(manifest.file.uncompressedBytes)} of SQL`;
  const compressed = manifest?.options['compress'];
  const database = backup.database === '' ? namedDatabase : backup.database;
  return [
    ['state', stateOf(backup, now, paint)],
    ...(database === undefined ? [] : [['database', safeText(database)] as const]),
    ['made', `${time(startedAt)}, ${ageText(startedAt, now)}${took}`],
    ['file', safeText(path)],
    [
      'size',
      `${sizeText(sizeBytes)}${sql}, ${typeof compressed === 'string' ? safeText(compressed) : compression}`,
    ],
  ];
}

/** `complete, failed verify 3 h ago`, `suspect: it was made while …` */
function stateOf({ state, problem, manifest }: Backup, now: Date, paint: Paint): string {
  const isBad = state === 'damaged' || state === 'unreadable';
  const painted = (state === 'complete' ? paint.good : isBad ? paint.bad : paint.caution)(state);
  const failed = failedProofs(manifest).map(
    ({ kind, at }) =>
      `, ${paint.bad(kind === 'verify' ? 'failed verify' : 'rehearsal failed')} ${ageText(at, now)}`,
  );
  return `${painted}${failed.join('')}${problem === undefined ? '' : `: ${safeText(problem)}`}`;
}

function manifestFacts(manifest: Manifest, now: Date, paint: Paint, time: TimeText): readonly Fact[] {
  const { server, tool, charset, collation, verification, rehearsal, restoreOnly, file, job } = manifest;
  const left = (['routines', 'events', 'triggers'] as const).filter(
    (what) => manifest.options[what] === false,
  );
  const inexact = manifest.inexactColumns ?? [];
  return [
    ['sha256', file.sha256],
    [
      'server',
      `${FLAVOUR_NAMES[server.flavour]} ${safeText(server.version)} on ${safeText(serverText(server))}`,
    ],
    [
      'made by',
      `dbbackup ${safeText(tool.dbbackupVersion)} with ${safeText(tool.program)} ${safeText(tool.version)}, job ${safeText(job)}`,
    ],
    ['defaults', `${safeText(charset)}, ${safeText(collation)}`],
    ...(verification === undefined
      ? []
      : [['verified', verificationText(verification, now, paint, time)] as const]),
    ['rehearsal', rehearsal === undefined ? 'never' : rehearsalText(rehearsal, now, paint, time)],
    ...(manifest.pin === undefined ? [] : [['pin', pinFact(manifest, manifest.pin, now)] as const]),
    ...(manifest.copies ?? []).map(({ where, at }): Fact => [
      'copy',
      `${safeText(where)}, ${time(at)}, ${ageText(at, now)}`,
    ]),
    ...(left.length === 0 ? [] : [['left out', left.join(', ')] as const]),
    ...(manifest.skippedBroken ?? []).map(({ kind, name, reason }): Fact => [
      'left out',
      `${kind} ${safeText(name)}: ${safeText(reason)}`,
    ]),
    ...(restoreOnly === undefined
      ? []
      : [['restore', `only in place: ${safeText(restoreOnly.reason)}`] as const]),
    ...(inexact.length === 0
      ? []
      : [
          ['rounded', inexact.map(({ table, column }) => safeText(`${table}.${column}`)).join(', ')] as const,
        ]),
    ...manifest.warnings.map((warning): Fact => ['warning', paint.caution(safeText(warning))]),
  ];
}

/** `pinned until 2027-01-31: before the upgrade`; one whose time is over is told as such. */
function pinFact(manifest: Manifest, pin: NonNullable<Manifest['pin']>, now: Date): string {
  return isPinned(manifest, now) ? pinnedText(pin) : `no longer ${pinnedText(pin)}`;
}

function verificationText(
  { ok, at, problem }: NonNullable<Manifest['verification']>,
  now: Date,
  paint: Paint,
  time: TimeText,
): string {
  const when = `${time(at)}, ${ageText(at, now)}`;
  return ok ? when : `${paint.bad('failed')} ${when}: ${safeText(problem ?? 'no reason known')}`;
}

function rehearsalText(
  { ok, at, durationMs, server, tables, rows, problem }: NonNullable<Manifest['rehearsal']>,
  now: Date,
  paint: Paint,
  time: TimeText,
): string {
  const when = `${time(at)}, ${ageText(at, now)}, on ${FLAVOUR_NAMES[server.flavour]} ${safeText(server.version)}`;
  if (!ok) return `${paint.bad('failed')} ${when}: ${safeText(problem ?? 'no reason known')}`;
  const what = [countText(tables, 'table'), ...(rows === undefined ? [] : [countText(rows, 'row')])].join(
    ', ',
  );
  return `${paint.good('passed')} ${when}: ${what} in ${durationText(durationMs)}`;
}

function safetyFacts({ job, kept }: SafetyOf, time: TimeText): readonly Fact[] {
  return [
    ['safety backup', `of what the restore ${job} replaced`],
    ...(kept === undefined ? [] : [['kept', keptText(kept, time)] as const]),
  ];
}

function unknownFacts({ manifest, state }: Backup): readonly Fact[] {
  if (manifest !== undefined) return [];
  if (state === 'unverified')
    return [['holds', 'unknown: it has no manifest, so all of the file has to be read']];
  return [['holds', 'unknown: its manifest cannot be used']];
}

function commandsFor({ backup, safetyOf }: ShownBackup, directory: string, program: string): readonly Fact[] {
  const { state, path } = backup;
  const undo = safetyOf?.undoCommand;
  return [
    ...(undo === undefined ? [] : [['to undo it', safeText(undo)] as const]),
    ...(state === 'unverified'
      ? [['to read it', furtherCommand(directory, 'verify', [path], [], program)] as const]
      : []),
  ];
}

function tablesText({ tables }: Manifest, paint: Paint): string {
  if (tables.length === 0) return '\nNo tables\n';
  const sorted = tables.toSorted(
    (a, b) => b.uncompressedBytes - a.uncompressedBytes || (a.name < b.name ? -1 : 1),
  );
  const rows = sorted.map(({ name, engine, uncompressedBytes }) => [
    `  ${safeText(name)}`,
    sizeText(uncompressedBytes),
    safeText(engine),
  ]);
  const head = ['  TABLE', 'SQL', 'ENGINE'].map(paint.heading);
  return `\n${paint.heading(countText(tables.length, 'table'))}\n${columns([head, ...rows], { rightAligned: [1] })}`;
}

function objectsText({ programs, counts }: Manifest, paint: Paint): string {
  const total = counts.views + counts.routines + counts.triggers + counts.events;
  const names = Object.keys(programs ?? {}).toSorted();
  if (total === 0 && names.length === 0) return '';
  // A backup of an early release knows only how many there are.
  const lines = names.length > 0 ? names : [storedObjectsText({ counts })];
  return `\n${paint.heading(countText(Math.max(total, names.length), 'stored object'))}\n${lines.map((line) => `  ${safeText(line)}\n`).join('')}`;
}

/** The `--json` document: the manifest, and what is known of its file. */
export function showDocument({ backup, namedDatabase, safetyOf }: ShownBackup): string {
  const { manifest, manifestFile: _, ...place } = backup;
  // The manifest has its own schema; here it is part of a document that has one.
  const { schema: _schema, ...fields } = manifest ?? {};
  return jsonDocument('show', 0, { backup: { ...fields, ...place }, namedDatabase, safetyOf });
}
