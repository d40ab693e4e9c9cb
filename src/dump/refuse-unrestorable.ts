import type { DatabaseFacts } from '../server/catalog/database-facts.ts';
import { type DatabaseObject, objectNamed, objectText } from '../sql/definitions/database-object.ts';
import type { DumpReport, DumpRemark } from '../sql/dump-report.ts';
import { DbBackupError } from '../run/errors.ts';
import { isSplittable } from '../sql/script/load-plan.ts';
import type { LoadPlan, StoredObjectKind } from '../sql/script/load-plan.ts';
import type { RestoreOnly } from '../backups/record/manifest.ts';
import { SAFETY_LABEL } from '../backups/record/backup-name.ts';
import { isEmpty, without } from '../sql/definitions/object-names.ts';
import { whyOnlyInPlace } from '../sql/script/only-in-place.ts';
import type { ObjectNames } from '../sql/definitions/object-names.ts';
import type { StreamedDump } from './stream-dump.ts';
import type { DumpTask } from './dump-plan.ts';
import { objectNames } from '../server/catalog/database-facts.ts';

const SHOWN = 5;

/**
 * Checks a new dump against what a restore accepts, and against what the server listed.
 *
 * @throws {DbBackupError} `dump-failed` when a restore would refuse it, or something is missing in it.
 */
export function refuseUnrestorable(
  task: Pick<DumpTask, 'database' | 'label' | 'skip'>,
  facts: DatabaseFacts,
  { findings, outline }: Pick<StreamedDump, 'findings' | 'outline'>,
): void {
  const { database } = task;
  const refused = refusals(findings);
  if (refused.length > 0) {
    const lines = refused.slice(0, SHOWN).map(shownRefusal);
    const more = refused.length > SHOWN ? [`  and ${refused.length - SHOWN} more`] : [];
    throw failure([`A restore would refuse this dump of ${database}:`, ...lines, ...more].join('\n'), [
      waysOut(refused, task),
    ]);
  }
  const expected = wanted(facts, task.skip);
  const missing = without(expected, held(findings, outline));
  if (isEmpty(missing)) return;
  throw failure(`The dump of ${database} lacks ${shownMissing(missing, expected)}.`, [
    'Try again when no migration is running; if it recurs, report it as a bug.',
  ]);
}

function failure(problem: string, hints: readonly string[]): DbBackupError {
  return new DbBackupError('dump-failed', problem, { hint: ['No backup was made.', ...hints].join(' ') });
}

type Refusal = Pick<DumpRemark, 'reason' | 'object'> & Partial<Pick<DumpRemark, 'line' | 'text'>>;

/** For the same reasons for which `restore` and `verify` refuse a file. */
function refusals(findings: DumpReport): readonly Refusal[] {
  const { unsafe, malformed, databases, rowsWithoutTable, script, unfitForClient } = findings;
  return [
    ...unsafe,
    ...(malformed === undefined ? [] : [malformed]),
    ...(databases.length > 1 ? [{ reason: `it contains several databases: ${databases.join(', ')}` }] : []),
    ...rowsWithoutTable.map((name) => ({
      object: { kind: 'table', name } as const,
      reason: 'has rows, but the dump does not create it',
    })),
    ...(isSplittable(script) || unfitForClient === undefined
      ? []
      : [
          {
            line: script.line,
            reason: `only the stock client can load it (${script.reason}), which cannot read ${unfitForClient}`,
          },
        ]),
  ];
}

function shownRefusal({ line, object, reason, text }: Refusal): string {
  const place = [
    ...(line === undefined ? [] : [`line ${line}`]),
    ...(object === undefined ? [] : [objectText(object)]),
  ];
  const head = text === undefined ? '' : ` (${text})`;
  return `  ${place.length === 0 ? '' : `${place.join(', ')}: `}${reason}${head}`;
}

type Skippable = keyof DumpTask['skip'];

const SKIPPED_AS: Readonly<Record<DatabaseObject['kind'], Skippable | undefined>> = {
  table: undefined,
  view: undefined,
  procedure: 'routines',
  function: 'routines',
  package: 'routines',
  'package body': 'routines',
  trigger: 'triggers',
  event: 'events',
};

/** Which of the options that leave objects out is for this one. */
export function skippedAs({ kind }: DatabaseObject): Skippable | undefined {
  return SKIPPED_AS[kind];
}

const SKIPS = ['routines', 'triggers', 'events'] as const;

/** What to do about it: usually it takes a small change to the text of a stored object. */
function waysOut(refused: readonly Refusal[], { label }: Pick<DumpTask, 'label'>): string {
  const stored = refused.flatMap(({ object }) => (object && object.kind !== 'table' ? [object] : []));
  const objects = [...new Set(stored.map(objectText))];
  if (objects.length === 0) return 'Try again; if it recurs, report it as a bug.';
  const change = `Check the definition of ${objects.slice(0, SHOWN).join(', ')} and rewrite it, then try again.`;
  const kinds = new Set(refused.map(({ object }) => object && skippedAs(object)));
  // A restore makes a complete safety backup or none: it has no such options.
  if (kinds.has(undefined) || label === SAFETY_LABEL) return change;
  const options = SKIPS.filter((kind) => kinds.has(kind)).map((kind) => `--skip-${kind}`);
  return `${change} Or skip them: ${options.join(' ')}`;
}

/** What the server has, without what is to be skipped. */
function wanted(facts: DatabaseFacts, skip: DumpTask['skip']): ObjectNames {
  const names = objectNames(facts);
  return {
    ...names,
    routines: skip.routines ? [] : facts.routines.map(({ type, name }) => objectText({ kind: type, name })),
    triggers: skip.triggers ? [] : names.triggers,
    events: skip.events ? [] : names.events,
  };
}

/** What a restore would create from the dump. A placeholder of a view has no section at the end of the dump. */
function held({ inventory, script }: DumpReport, { sections, views }: StreamedDump['outline']): ObjectNames {
  const titled = new Set(sections.map(({ table }) => table));
  const made = isSplittable(script) ? programNames(script) : inventory;
  return {
    tables: inventory.tables.filter((name) => titled.has(name)),
    views: made.views.filter((name) => views.has(name)),
    // Where the dump was not split, a package cannot be told from its body.
    routines: isSplittable(script)
      ? made.routines
      : made.routines.flatMap((routine) => {
          const { kind, name } = objectNamed(routine);
          return kind === 'package' ? [routine, objectText({ kind: 'package body', name })] : [routine];
        }),
    triggers: made.triggers,
    events: made.events,
  };
}

function programNames({ storedObjects }: LoadPlan): Omit<ObjectNames, 'tables'> {
  const of = (wantedKind: StoredObjectKind): readonly string[] =>
    storedObjects.flatMap(({ kind, name }) => (kind === wantedKind ? [name] : []));
  return { views: of('view'), routines: of('routine'), triggers: of('trigger'), events: of('event') };
}

/** `1 of 2 tables: small; 1 of 1 triggers: bi`. */
function shownMissing(missing: ObjectNames, expected: ObjectNames): string {
  return (Object.keys(missing) as (keyof ObjectNames)[])
    .filter((kind) => missing[kind].length > 0)
    .map((kind) => {
      const names = missing[kind].slice(0, SHOWN).join(', ');
      return `${missing[kind].length} of ${expected[kind].length} ${kind}: ${names}`;
    })
    .join('; ');
}

/** How a good dump can be restored, when not every method is possible. */
export function restoreOnly({ script }: Pick<DumpReport, 'script'>): RestoreOnly | undefined {
  const reason = whyOnlyInPlace(script);
  return reason === undefined ? undefined : { method: 'in-place', reason };
}
