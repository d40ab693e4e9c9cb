import type { RestorePlan } from '../../../restore/plan/restore-plan.ts';
import { undoSqlOf } from '../../../restore/plan/undo-sql.ts';
import type { ObjectNames } from '../../../sql/definitions/object-names.ts';
import { serverText } from '../../../server/instance/server-identity.ts';
import { columns } from '../text/columns.ts';
import type { Paint } from '../text/paint.ts';
import { countText, durationText, sizeText, timeText } from '../text/quantities.ts';
import type { TimeText } from '../text/quantities.ts';
import { wrapped, wrappedRows } from '../text/wrap.ts';
import { safeText } from '../text/safe-text.ts';
import { type Line, namesText, objectLine } from './object-lines.ts';

/** What a restore would do, as shown before the prompt and by `--dry-run`. */
export function renderRestorePlan(
  plan: RestorePlan,
  paint: Paint,
  time: TimeText = timeText,
  width = Infinity,
): string {
  const { backup, target } = plan;
  const facts = [
    ...(backup.fromDatabase === undefined ? [] : [`its database ${safeText(backup.fromDatabase)}`]),
    madeText(backup, time),
    sizeText(backup.sizeBytes),
    ...(backup.uncompressedBytes === backup.sizeBytes
      ? []
      : [`${sizeText(backup.uncompressedBytes)} of SQL`]),
    ...(backup.state === 'complete' ? [] : [paint.caution(backup.state)]),
  ];
  const warnings = plan.warnings.map((warning) => `${paint.caution('warning:')} ${safeText(warning)}\n`);
  return (
    `${wrapped(paint.heading(`Restore ${safeText(backup.reference)} into ${safeText(target.database)} on ${safeText(target.endpoint)}`), width)}\n` +
    columns(
      wrappedRows(
        [
          [`  ${paint.faint('backup')}`, facts.join(', ')],
          ...otherServerLine(plan, paint),
          ...planLines(plan, paint).map(([name, text]) => [`  ${paint.faint(name)}`, text] as const),
        ],
        width,
      ),
    ) +
    allowedLines(plan, paint, width) +
    wrapped(lossLine(plan, paint) + warnings.join(''), width)
  );
}

/** What no dump program writes, and is run all the same. */
function allowedLines({ allowed, loadAccount }: RestorePlan, paint: Paint, width: number): string {
  if (allowed.length === 0) return '';
  const by = loadAccount.made ? 'the account that loads the rows' : 'your own account';
  const head = `${countText(allowed.length, 'statement')} that no dump program writes, run by ${by}:`;
  // Statements are not wrapped: blanks in their literals would be lost.
  const lines = allowed.flatMap(({ line, reason, text }) => [
    wrapped(`  line ${line} ${safeText(reason)}:`, width),
    `    ${safeText(text)}`,
  ]);
  return [wrapped(paint.caution(head), width), ...lines, ''].join('\n');
}

function madeText({ startedAt, madeAt }: RestorePlan['backup'], time: TimeText): string {
  if (startedAt !== undefined) return `made ${time(startedAt)}`;
  return madeAt === undefined ? 'made at an unknown time' : `made ${safeText(madeAt)} by its end line`;
}

function otherServerLine({ backup, target }: RestorePlan, paint: Paint): readonly Line[] {
  if (!backup.isFromAnotherServer || backup.server === undefined) return [];
  const here = target.server.name === undefined ? '' : `: this is ${safeText(target.server.name)}`;
  return [
    [
      `  ${paint.bad('made on')}`,
      `${safeText(serverText(backup.server))}, ${paint.caution('another server')}${here}`,
    ],
  ];
}

function planLines(plan: RestorePlan, paint: Paint): readonly Line[] {
  const { target, brings, removes, keeps } = plan;
  return [
    ...(plan.createsDatabase ? ([['creates', `the database ${safeText(target.database)}`]] as const) : []),
    ...objectLine('replaces', both(target.holds, brings)),
    ...objectLine('adds', without(brings, target.holds)),
    ...objectLine(paint.bad('removes'), removes, ', which the backup does not hold'),
    ...(plan.onlyTables === undefined
      ? []
      : ([['only', `${namesText(plan.onlyTables)}; everything else stays as it is`]] as const)),
    ...objectLine('keeps', keeps, ', which the backup does not hold'),
    ['safety backup', safetyText(plan)],
    ...keepingLine(plan),
    ['method', methodText(plan)],
    ['rows', rowsText(plan)],
    ...(plan.estimatedMs === undefined ? [] : ([['takes', estimateText(plan.estimatedMs)]] as const)),
  ];
}

function safetyText(plan: RestorePlan): string {
  const { method, safetyBackup, safetyDirectory, keeping } = plan;
  const where =
    safetyBackup !== 'made' || safetyDirectory === undefined ? '' : `; kept in ${safeText(safetyDirectory)}`;
  const when = method === 'staging' ? 'made right before the swap' : 'made first';
  const replacesNothing = undoSqlOf(plan) !== undefined;
  return (
    (safetyBackup === 'made'
      ? `${when}; ${replacesNothing ? NOTHING_REPLACED : MADE}`
      : safetyBackup === 'declined' && keeping !== undefined
        ? KEPT_ONLY
        : SAFETY[safetyBackup]) + where
  );
}

const MADE = 'the undo command shown at the end restores it';
const NOTHING_REPLACED =
  'as nothing is replaced, the end shows SQL that removes what was added, and no undo command';
const KEPT_ONLY =
  'NONE (--no-safety-backup): replaced data can be brought back only while the previous tables are kept';
const SAFETY = {
  'not-needed': 'not needed: the target is empty',
  declined: 'NONE (--no-safety-backup): replaced data cannot be recovered',
} as const satisfies Record<Exclude<RestorePlan['safetyBackup'], 'made'>, string>;

function keepingLine({ keeping }: RestorePlan): readonly Line[] {
  if (keeping === undefined) return [];
  const text = `the previous tables for ${durationText(keeping.forMs)}, so that undo swaps them back; takes ${sizeText(keeping.sizeBytes)} on the server`;
  return [['keeps', text]];
}

function methodText({ method, methodReason, loader, stagingBytes }: RestorePlan): string {
  const room = `; needs about ${sizeText(stagingBytes)} of extra space on the server`;
  const way =
    method === 'staging'
      ? `into a staging schema, then swapped in atomically${room}`
      : `in place: other sessions see tables disappear and reappear: ${safeText(methodReason ?? '')}`;
  const means =
    loader.kind === 'parallel'
      ? countText(loader.connections, 'connection')
      : `the stock client alone (${safeText(loader.reason)})`;
  return `${way}; through ${means}`;
}

function rowsText({ loadAccount }: RestorePlan): string {
  return loadAccount.made
    ? 'loaded by an account made for it, which may do nothing else'
    : `loaded by your own account: ${safeText(loadAccount.reason)}`;
}

function lossLine(plan: RestorePlan, paint: Paint): string {
  if (!plan.needsConfirmation) return '';
  const what = plan.onlyTables === undefined ? plan.target.database : plan.onlyTables.join(', ');
  const fate =
    plan.method === 'staging' && plan.safetyBackup === 'made'
      ? 'from now on will not be in it, but in the safety backup.'
      : plan.keeping === undefined
        ? 'from now on will be lost.'
        : 'from now on will not be in it, but in the previous tables while they are kept.';
  return `${paint.caution('Changes that other sessions make to')} ${safeText(what)} ${paint.caution(fate)}\n`;
}

function both(a: ObjectNames, b: ObjectNames): ObjectNames {
  return eachKind((kind) => a[kind].filter((name) => b[kind].includes(name)));
}

function without(a: ObjectNames, b: ObjectNames): ObjectNames {
  return eachKind((kind) => a[kind].filter((name) => !b[kind].includes(name)));
}

function eachKind(pick: (kind: keyof ObjectNames) => readonly string[]): ObjectNames {
  return {
    tables: pick('tables'),
    views: pick('views'),
    routines: pick('routines'),
    triggers: pick('triggers'),
    events: pick('events'),
  };
}

function estimateText(estimatedMs: number): string {
  return estimatedMs < 1_000 ? 'less than a second' : `about ${durationText(estimatedMs)}`;
}
