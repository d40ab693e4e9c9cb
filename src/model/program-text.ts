import type { ProgramScript, TextRange } from './load-script.ts';
import { quoteName } from './names.ts';

/** A view, routine, trigger or event with its text, as the dump has it. */
export interface Program {
  readonly script: ProgramScript;
  readonly text: Buffer;
}

/**
 * The same program for a scratch schema: what names the dump's own database names the schema, and an event is made
 * without being switched on. undefined when an event does not say where to switch it off.
 */
export function forScratchSchema({ script, text }: Program, schema: string): Buffer | undefined {
  if (script.kind === 'event' && script.enable === undefined && !/\bDISABLE\b/i.test(text.toString('latin1')))
    return undefined;
  const own = script.ownNames.map((range) => ({ range, by: quoteName(schema) }));
  const off = script.enable === undefined ? [] : [{ range: script.enable, by: 'DISABLE' }];
  return replaced(script.statement.start, text, [...own, ...off]);
}

/** The same view, which takes the place of one that is there; anything else as it is. */
export function replacingView({ script, text }: Program): Buffer {
  if (script.kind !== 'view' || script.replaces) return text;
  const at = { start: script.createEnd, end: script.createEnd };
  return replaced(script.statement.start, text, [{ range: at, by: ' OR REPLACE' }]);
}

/** @param start Where the text stands in the dump, which the ranges count from. */
function replaced(
  start: number,
  text: Buffer,
  edits: readonly { readonly range: TextRange; readonly by: string }[],
): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { range, by } of [...edits].sort((a, b) => a.range.start - b.range.start)) {
    pieces.push(text.subarray(at, range.start - start), Buffer.from(by));
    at = range.end - start;
  }
  return Buffer.concat([...pieces, text.subarray(at)]);
}
