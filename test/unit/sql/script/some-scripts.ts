import { DumpReader } from '../../../../src/sql/dump-reader.ts';
import { isSplittable } from '../../../../src/sql/script/load-plan.ts';
import type { LoadPlan } from '../../../../src/sql/script/load-plan.ts';
import type { NotSplittable } from '../../../../src/sql/script/load-plan.ts';

/** What the guard finds of how a text can be loaded in parts; `source` is the database that it is of. */
export function scriptOrReason(
  sql: string | Buffer,
  { source = 'shop', target = 'shop' }: { readonly source?: string; readonly target?: string } = {},
): LoadPlan | NotSplittable {
  const reader = new DumpReader({ sourceDatabase: source, targetDatabase: target });
  reader.push(Buffer.from(sql));
  const { script, unsafe, malformed } = reader.finish();
  if (unsafe.length > 0 || malformed !== undefined)
    throw new Error(`The guard refuses it: ${JSON.stringify([unsafe, malformed])}`);
  return script;
}

export function scriptOf(...args: Parameters<typeof scriptOrReason>): LoadPlan {
  const script = scriptOrReason(...args);
  if (!isSplittable(script)) throw new Error(`line ${script.line} ${script.reason}`);
  return script;
}
