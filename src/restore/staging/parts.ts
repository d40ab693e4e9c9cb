import type { Part } from '../../run/progress.ts';
import type { Runtime } from '../../run/runtime.ts';

/** The parts of a restore through a staging schema; each is what the steps in it are told as. */
export interface Parts {
  readonly load: Runtime;
  readonly check: Runtime;
  readonly safety: Runtime;
  readonly swap: Runtime;
}

/** @param laterMs How long what follows the load is expected to take; undefined: nobody knows. */
export function partsOf(hasSafetyBackup: boolean, runtime: Runtime, laterMs: number | undefined): Parts {
  const of = hasSafetyBackup ? 4 : 3;
  const part = (number: number, laterMs: number | undefined): Runtime =>
    asPart(runtime, { number, of, laterMs });
  return {
    load: part(1, laterMs),
    check: part(2, laterMs),
    safety: part(3, 0),
    swap: part(of, 0),
  };
}

/** Tells each step as one of a part. */
export function asPart(runtime: Runtime, part: Part): Runtime {
  return {
    ...runtime,
    onProgress(event) {
      runtime.onProgress(event.kind === 'step' ? { ...event, part } : event);
    },
  };
}
