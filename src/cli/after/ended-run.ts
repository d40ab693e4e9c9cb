import { EXIT_CODES, inOneLine } from '../../run/errors.ts';
import type { CommandName } from '../../settings/table/setting.ts';
import { failureDocument, failureFields } from '../render/failure.ts';
import { safeLines } from '../render/text/safe-text.ts';
import type { RunEnd, RunReport } from './run-report.ts';

/** A run that has ended, as those are told who were not there. No password, no data of a row. */
export interface EndedRun {
  readonly command: CommandName;
  readonly exitCode: number;
  /** Those that it was about, as far as it came to know them. */
  readonly databases: readonly string[];
  /** Paths of the backups that it made, restored or verified. */
  readonly backups: readonly string[];
  /** What went wrong, one line for each failure; empty when nothing did. */
  readonly error: string;
  /** How it ended, in a few lines. */
  readonly message: string;
  /** What `--json` prints. */
  readonly document: string;
  /** The same with what is wrong alone; undefined: there is no such. */
  readonly documentOfWrong?: string | undefined;
  readonly jobs: RunReport['jobs'];
}

/** One thing that is done then. It can warn, but not change how the run ended. */
export type AfterRunEffect = (run: EndedRun, stop: AbortSignal) => Promise<void>;

export function endedRun(
  command: CommandName,
  { databases, jobs, outcome, exitCodeNames }: RunReport,
  { exitCode, failure }: RunEnd,
): EndedRun {
  const failures = failure === undefined ? (outcome?.problems ?? []) : [inOneLine(failureFields(failure))];
  const errors = failures.map((text) => safeLines(text).replaceAll('\n', ' '));
  const closing = failure === undefined ? (outcome?.message ?? '') : '';
  const name = exitCodeNames === undefined ? nameOf(exitCode) : exitCodeNames[exitCode];
  const lines = [`dbbackup ${command}: exit code ${exitCode} (${name})`, closing, ...errors];
  return {
    command,
    exitCode,
    databases: [...new Set([...(outcome?.databases ?? []), ...databases])],
    backups: outcome?.backups ?? [],
    error: errors.join('\n'),
    message: lines.filter((line) => line !== '').join('\n'),
    document: failure === undefined && outcome !== undefined ? outcome.document() : failureDocument(failure),
    documentOfWrong: failure === undefined ? outcome?.documentOfWrong?.() : undefined,
    jobs,
  };
}

function nameOf(exitCode: number): string {
  return Object.entries(EXIT_CODES).find(([, row]) => row.exitCode === exitCode)?.[0] ?? 'failed';
}
