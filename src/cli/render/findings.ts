import { EXIT_CODES } from '../../run/errors.ts';
import { isHealthy } from '../../doctor/finding/finding.ts';
import type { Finding, FindingLevel } from '../../doctor/finding/finding.ts';
import type { Schedule } from '../schedule/schedule.ts';
import { columns } from './text/columns.ts';
import { jsonDocument } from './text/json.ts';
import type { Paint } from './text/paint.ts';
import { countText } from './text/quantities.ts';
import { wrappedRows } from './text/wrap.ts';
import { safeLines, safeText } from './text/safe-text.ts';

/**
 * What `dbbackup doctor` says: problems, warnings, what is OK, and how many of each.
 *
 * @param options.quiet Only what is wrong.
 */
export function renderFindings(
  findings: readonly Finding[],
  paint: Paint,
  options: { readonly quiet: boolean; readonly width?: number },
): string {
  const of = (level: FindingLevel): readonly Finding[] => findings.filter((found) => found.level === level);
  const sections: (readonly [heading: string, text: string])[] = [
    [
      paint.bad('Problems'),
      of('problem')
        .map((found) => wrongText(found, paint))
        .join(''),
    ],
    [
      paint.caution('Warnings'),
      of('warning')
        .map((found) => wrongText(found, paint))
        .join(''),
    ],
    [paint.good('OK'), options.quiet ? '' : fineText(of('ok'), paint, options.width)],
  ];
  const shown = sections.filter(([, text]) => text !== '').map(([heading, text]) => `${heading}\n${text}`);
  if (options.quiet) return shown.join('\n');
  const counts = [
    countText(of('problem').length, 'problem'),
    countText(of('warning').length, 'warning'),
    `${of('ok').length} OK`,
  ];
  return [...shown, `${counts.join(', ')}.\n`].join('\n');
}

/** What, why, and what to type, on its own line so that it can be copied. */
function wrongText({ message, why, fix }: Finding, paint: Paint): string {
  return [
    `  ${indented(message, 4)}\n`,
    ...(why === undefined ? [] : [`    ${paint.faint(indented(why, 4))}\n`]),
    ...(fix ?? []).map((line) => `    ${paint.heading(indented(line, 4))}\n`),
  ].join('');
}

function fineText(findings: readonly Finding[], paint: Paint, width = Infinity): string {
  const rows = findings.map(({ check, message }) => [`  ${paint.faint(check)}`, safeText(message)] as const);
  return columns(wrappedRows(rows, width));
}

function indented(text: string, spaces: number): string {
  return safeLines(text)
    .trimEnd()
    .replaceAll('\n', `\n${' '.repeat(spaces)}`);
}

/** The `--json` document. */
export function findingsDocument(findings: readonly Finding[], schedule: Schedule): string {
  return jsonDocument('doctor', exitCodeOfFindings(findings), { findings, schedule });
}

/** A problem is a failure; a warning is none. */
export function exitCodeOfFindings(findings: readonly Finding[]): number {
  return isHealthy(findings) ? EXIT_CODES.ok.exitCode : EXIT_CODES.failed.exitCode;
}
