import type { FlagValues } from '../../settings/table/settings-table.ts';
import type { RunReport } from '../after/run-report.ts';
import type { Context } from './context.ts';

/** One command line, parsed: what a command is run with. */
export interface Invocation {
  readonly operands: readonly string[];
  readonly flags: FlagValues;
  /** The arguments as they were typed; see `shownCommand()`. */
  readonly argv: readonly string[];
  readonly context: Context;
  /** Told what comes of the run. */
  readonly report: RunReport;
}

/** @returns The exit code. Failures that end the command are thrown; see `main()`. */
export type RunCommand = (invocation: Invocation) => Promise<number>;
