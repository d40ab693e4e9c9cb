import type { ObjectNames } from '../../../sql/definitions/object-names.ts';
import { countText } from '../text/quantities.ts';
import { safeText } from '../text/safe-text.ts';

/** A line of a plan. */
export type Line = readonly [name: string, text: string];

const KINDS = {
  tables: 'table',
  views: 'view',
  routines: 'routine',
  triggers: 'trigger',
  events: 'event',
} as const satisfies Record<keyof ObjectNames, string>;

/** At most this many names of one kind are spelled out. */
const NAMES_SHOWN = 10;

/** `2 tables (a, b), 1 view (v)`; no line when there is nothing. */
export function objectLine(name: string, objects: ObjectNames, suffix = ''): readonly Line[] {
  const kinds = (Object.entries(KINDS) as [keyof ObjectNames, string][]).flatMap(([kind, noun]) => {
    const names = objects[kind];
    return names.length === 0 ? [] : [`${countText(names.length, noun)} (${namesText(names)})`];
  });
  return kinds.length === 0 ? [] : [[name, `${kinds.join(', ')}${suffix}`]];
}

export function namesText(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map(safeText).join(', ');
  const left = names.length - NAMES_SHOWN;
  return left > 0 ? `${shown} and ${left.toLocaleString('en')} more` : shown;
}
