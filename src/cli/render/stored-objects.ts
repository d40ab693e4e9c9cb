import type { Manifest } from '../../backups/record/manifest.ts';
import { objectNamed } from '../../sql/definitions/database-object.ts';
import { countText } from './text/quantities.ts';

/** `1 view, 2 procedures, 1 event`, by the manifest of a backup; empty when it holds only tables. */
export function storedObjectsText({ counts, programs = {} }: Pick<Manifest, 'counts' | 'programs'>): string {
  const kinds = new Set(Object.keys(programs).map((text) => objectNamed(text).kind));
  const [routine = 'routine', another] = ROUTINE_KINDS.filter((kind) => kinds.has(kind));
  const rows: readonly (readonly [count: number, noun: string])[] = [
    [counts.views, 'view'],
    [counts.routines, another === undefined ? routine : 'routine'],
    [counts.triggers, 'trigger'],
    [counts.events, 'event'],
  ];
  return rows
    .filter(([count]) => count > 0)
    .map(([count, noun]) => countText(count, noun))
    .join(', ');
}

const ROUTINE_KINDS = ['procedure', 'function', 'package'] as const;
