export const NOTHING: ObjectNames = { tables: [], views: [], routines: [], triggers: [], events: [] };

const KINDS = [
  'tables',
  'views',
  'routines',
  'triggers',
  'events',
] as const satisfies readonly (keyof ObjectNames)[];

/** What the first holds and the second does not, kind by kind. */
export function without(names: ObjectNames, other: ObjectNames): ObjectNames {
  const left = (kind: keyof ObjectNames): readonly string[] => {
    const taken = new Set(other[kind]);
    return names[kind].filter((name) => !taken.has(name));
  };
  return {
    tables: left('tables'),
    views: left('views'),
    routines: left('routines'),
    triggers: left('triggers'),
    events: left('events'),
  };
}

export function isEmpty(names: ObjectNames): boolean {
  return KINDS.every((kind) => names[kind].length === 0);
}

/** `2 tables, 1 view`; empty when there is nothing. */
export function countObjects(names: ObjectNames): string {
  return KINDS.flatMap((kind) => {
    const count = names[kind].length;
    return count === 0 ? [] : [`${count} ${count === 1 ? kind.slice(0, -1) : kind}`];
  }).join(', ');
}

/** Names of what a database holds, by kind; sorted. Routines as `procedure add_order` / `function total`. */
export interface ObjectNames {
  readonly tables: readonly string[];
  readonly views: readonly string[];
  readonly routines: readonly string[];
  readonly triggers: readonly string[];
  readonly events: readonly string[];
}
