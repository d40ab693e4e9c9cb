import { EXIT_CODES } from '../../../run/errors.ts';
import type { Health } from '../../../health/check-health.ts';
import { bySeverity, type Level, type Thresholds, type Verdict } from '../../../health/check.ts';
import { columns } from '../text/columns.ts';
import { jsonDocument } from '../text/json.ts';
import type { Paint } from '../text/paint.ts';
import { countText } from '../text/quantities.ts';
import { safeLines, safeText } from '../text/safe-text.ts';
import { wrappedRows } from '../text/wrap.ts';

/**
 * What `dbbackup health` says: what is critical, warnings, what is unknown, what is OK, and what was not checked.
 *
 * @param options.quiet Only what is wrong.
 */
export function renderHealth(
  { checks, notChecked }: Health,
  paint: Paint,
  options: { readonly quiet: boolean; readonly width?: number },
): string {
  const of = (level: Level): readonly Verdict[] => checks.filter((verdict) => verdict.level === level);
  const wrong = (level: Level): string =>
    of(level)
      .map((verdict) => wrongText(verdict, paint))
      .join('');
  const fine = (): string =>
    columns(
      wrappedRows(
        of('ok').map(({ check, message }) => [`  ${paint.faint(check)}`, safeText(message)] as const),
        options.width ?? Infinity,
      ),
    );
  const off = notChecked.map(({ check, threshold }) => `  ${check}: ${FLAGS[threshold]}\n`).join('');
  const sections: (readonly [heading: string, text: string])[] = [
    [paint.bad('Critical'), wrong('critical')],
    [paint.caution('Warnings'), wrong('warning')],
    [paint.caution('Unknown'), wrong('unknown')],
    [paint.good('OK'), options.quiet || of('ok').length === 0 ? '' : fine()],
    [paint.faint('Not checked unless asked for'), options.quiet ? '' : off],
  ];
  const shown = sections.filter(([, text]) => text !== '').map(([heading, text]) => `${heading}\n${text}`);
  if (options.quiet) return shown.join('\n');
  return [...shown, `${healthSummary({ checks })}\n`].join('\n');
}

/** `1 critical, 0 warnings, 0 unknown, 8 OK.` */
export function healthSummary({ checks }: Pick<Health, 'checks'>): string {
  const count = (level: Level): number => checks.filter((verdict) => verdict.level === level).length;
  return `${count('critical')} critical, ${countText(count('warning'), 'warning')}, ${count('unknown')} unknown, ${count('ok')} OK.`;
}

/** How each threshold is given. */
const FLAGS: Readonly<Record<keyof Thresholds, string>> = {
  maxAgeMs: '--max-age',
  maxSizeDrop: '--max-size-drop',
  maxVerifyAgeMs: '--max-verify-age',
  maxRehearsalAgeMs: '--max-rehearsal-age',
  minCopies: '--min-copies',
};

function wrongText({ message, fix }: Verdict, paint: Paint): string {
  return [
    `  ${indented(message)}\n`,
    ...(fix ?? []).map((line) => `    ${paint.heading(indented(line))}\n`),
  ].join('');
}

function indented(text: string): string {
  return safeLines(text).trimEnd().replaceAll('\n', '\n    ');
}

/** The `--json` document. */
export function healthDocument(health: Health): string {
  return jsonDocument('health', exitCodeOfHealth(health), health);
}

/** The same document with what is not OK alone, the worst first. */
export function documentOfWrong(health: Health): string {
  const isWrong = ({ level }: { readonly level: Level }): boolean => level !== 'ok';
  const [databases, checks] = [health.databases.filter(isWrong), bySeverity(health).filter(isWrong)];
  return healthDocument({ ...health, databases, checks });
}

/** Anything that is not OK is worth a look. */
export function exitCodeOfHealth({ level }: Pick<Health, 'level'>): number {
  return EXIT_CODES[level === 'ok' ? 'ok' : 'unhealthy'].exitCode;
}
