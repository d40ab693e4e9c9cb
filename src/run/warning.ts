import type { Runtime } from './runtime.ts';

/** Something is wrong, but the run continues. */
export interface Warning {
  readonly message: string;
  /** What to type. */
  readonly fix?: string | undefined;
}

/** The command stands on a line of its own. */
export function warningText({ message, fix }: Warning): string {
  return fix === undefined ? message : `${message}\n${fix}`;
}

/** Adds every warning that is given to those that the outcome tells. */
export function notingWarnings(runtime: Runtime, warnings: string[]): Runtime {
  return {
    ...runtime,
    onProgress(event) {
      if (event.kind === 'warning') warnings.push(event.message);
      runtime.onProgress(event);
    },
  };
}
