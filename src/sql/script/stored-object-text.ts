import { edited } from './dump-splitter.ts';
import type { StoredObjectKind, StoredObjectPlan, ScriptStatement, SessionDelta } from './load-plan.ts';
import { quoteName } from '../definitions/quote-name.ts';

/** A view, routine, trigger or event with its text, as the dump has it. */
export interface TextOfObject {
  readonly script: StoredObjectPlan;
  readonly text: Buffer;
}

type Edit = ScriptStatement['edits'][number];

/** What to make in a scratch schema to try a program. */
export interface Trial {
  readonly text: Buffer;
  /** The same, with a body that names its own database as the dump does; undefined where it does not. */
  readonly asWritten: Buffer | undefined;
}

/**
 * The same program for a scratch schema, and for nowhere else: an event is made without being switched on. A view reads
 * the tables of the schema; of other bodies the servers look at nothing before they run. undefined when an event does
 * not say where to switch it off.
 */
export function forScratchSchema(program: TextOfObject, schema: string): Trial | undefined {
  const { script, text } = program;
  const { kind, enable, headNames, ownNames, edits } = script;
  if (kind === 'event' && enable === undefined && !/\bDISABLE\b/i.test(text.toString('latin1')))
    return undefined;
  const toSchema = ({ start, end }: { start: number; end: number }): Edit => ({
    start,
    end,
    replacement: quoteName(schema),
  });
  const needed = [
    ...headNames.map(toSchema),
    ...edits.filter(({ start }) => !headNames.some((name) => name.start === start)),
    ...(enable === undefined ? [] : [{ ...enable, replacement: 'DISABLE' }]),
  ];
  const read = kind === 'view' ? ownNames.map(toSchema) : [];
  return {
    text: changed(program, [...needed, ...read]),
    asWritten: read.length === 0 ? undefined : changed(program, needed),
  };
}

/** The program as it is made in the target. */
export function forTarget(program: TextOfObject): Buffer {
  return changed(program, program.script.edits);
}

/** The same; a view takes the place of one that is there. */
export function replacingView(program: TextOfObject): Buffer {
  const { script } = program;
  if (script.kind !== 'view' || script.replaces) return forTarget(program);
  const at = { start: script.createEnd, end: script.createEnd, replacement: ' OR REPLACE' };
  return changed(program, [at, ...script.edits]);
}

function changed({ script, text }: TextOfObject, edits: readonly Edit[]): Buffer {
  const sorted = [...edits].sort((a, b) => a.start - b.start);
  return edited({ ...script.statement, edits: sorted }, text);
}

export interface SavedObject {
  readonly kind: StoredObjectKind;
  readonly name: string;
  readonly settings: SessionDelta;
  readonly statement: string;
}
