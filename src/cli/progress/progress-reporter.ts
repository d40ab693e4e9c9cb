import type { OnProgress } from '../../run/progress.ts';

export interface Beginning {
  /** The headline says what comes first, not what it is all about: each step takes its place. */
  readonly onlyFirst?: boolean;
}

/** How a long operation reports progress on stderr: at a terminal, in a log, or hardly at all. */
export interface ProgressReporter {
  /** An operation begins; all its progress lines begin with the headline: `Creating database backup...`. */
  begin(headline: string, options?: Beginning): void;
  readonly onProgress: OnProgress;
  /** What the user should see even though nothing is wrong: one or more lines, escaped already, perhaps painted. */
  note(text: string): void;
  /** The operation is done; the text is escaped here. */
  succeed(text: string): void;
  /** Leaves the terminal to something else (a prompt) until `resume()`, or for good. May be called again. */
  pause(): void;
  resume(): void;
}

/** `Creating database backup...` with the step, unless one repeats the other. */
export function stepText(headline: string, step: string): string {
  if (headline.startsWith(step)) return headline;
  return step.startsWith(headline) ? step : `${headline} ${step}`;
}
