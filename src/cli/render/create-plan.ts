import type { CreatePlan } from '../../dump/dump-plan.ts';
import { shellWord } from '../../run/shell-command.ts';
import { columns } from './text/columns.ts';
import type { Paint } from './text/paint.ts';
import { countText, sizeText } from './text/quantities.ts';
import { safeText } from './text/safe-text.ts';

/** What `create --dry-run` says of one database. */
export function renderCreatePlan(plan: CreatePlan, paint: Paint): string {
  const { compression, server } = plan;
  const level = compression.level === undefined ? '' : `:${compression.level}`;
  const holds = [
    countText(plan.tables, 'table'),
    countText(plan.views, 'view'),
    countText(plan.routines, 'routine'),
    countText(plan.triggers, 'trigger'),
    countText(plan.events, 'event'),
  ];
  const lines = [
    ['file', safeText(plan.path)],
    ['compression', `${compression.method}${level}`],
    ['server', `${server.flavour} ${safeText(server.version)} at ${safeText(server.endpoint)}`],
    ['holds', `${holds.join(', ')}; about ${sizeText(plan.estimatedBytes)} of data`],
    ['tool', `${safeText(plan.program)} ${safeText(plan.programVersion)}`],
    ['command', [plan.program, ...plan.arguments].map((word) => safeText(shellWord(word))).join(' ')],
  ];
  const warnings = plan.warnings.map((warning) => `${paint.caution('warning:')} ${safeText(warning)}\n`);
  return (
    `${paint.heading(`Back up ${safeText(plan.database)}`)}\n` +
    columns(lines.map(([name = '', text = '']) => [`  ${paint.faint(name)}`, text])) +
    warnings.join('')
  );
}
