import type { OnProgress } from '../../run/progress.ts';

export interface Beginning {
  /** The headline says what comes first, not what it is all about: each step takes its place. */
  readonly onlyFirst?: boolean;
}

/** How a long operation talks, on stderr: at a terminal, in a log, or hardly at all. */
export interface ProgressReporter {
  /** An operation begins; whatever is said of its progress begins with the headline: `Creating database backup...`. */
  begin(headline: string, options?: Beginning): void;
  readonly onProgress: OnProgress;
  /** What the user should see although nothing is wrong: one or more lines, escaped already, perhaps painted. */
  note(text: string): void;
  /** The operation is done; the text is escaped here. */
  succeed(text: string): void;
  /** Leaves the terminal to somebody else (a question) until `resume()`, or for good. Repeatable. */
  rest(): void;
  resume(): void;
}

/** `Creating database backup...` with the step, unless one of them says what the other does. */
export function stepText(headline: string, step: string): string {
  if (headline.startsWith(step)) return headline;
  return step.startsWith(headline) ? step : `${headline} ${step}`;
}
