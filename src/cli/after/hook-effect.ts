import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProgram, type Program } from '../../programs/child-program.ts';
import type { HOOK_VARIABLES } from '../../settings/table/unknown-variables.ts';
import type { Given, Lookup } from '../../settings/values/given-text.ts';
import { durationText } from '../render/text/quantities.ts';
import { safeText } from '../render/text/safe-text.ts';
import type { Bounds } from './bounds.ts';
import type { AfterRunEffect, EndedRun } from './ended-run.ts';
import { withoutSecrets, type Environment } from './without-secrets.ts';

/** `--on-success` and `--on-failure`: a command that is told what came of the run. */
export function hookEffect(
  given: Lookup,
  {
    bounds,
    warn,
    env,
    print,
  }: {
    readonly bounds: Bounds;
    readonly warn: (text: string) => void;
    readonly env: Environment;
    /** Takes what the command writes. */
    readonly print: (text: string) => void;
  },
): AfterRunEffect | undefined {
  const [onSuccess, onFailure] = [given('on-success'), given('on-failure')];
  if (onSuccess === undefined && onFailure === undefined) return undefined;
  return async (run, stop) => {
    const hook = run.exitCode === 0 ? onSuccess : onFailure;
    if (hook === undefined) return;
    const problem = await runHook(hook, run, { bounds, env, print, stop });
    if (problem !== undefined) warn(`The command of ${hook.source} ${problem}.`);
  };
}

/** @returns what went wrong, as the end of a sentence. */
async function runHook(
  { text: command }: Given,
  run: EndedRun,
  {
    bounds,
    env,
    print,
    stop,
  }: {
    readonly bounds: Bounds;
    readonly env: Environment;
    readonly print: (text: string) => void;
    readonly stop: AbortSignal;
  },
): Promise<string | undefined> {
  const slow = AbortSignal.timeout(bounds.hookMs);
  const signal = AbortSignal.any([slow, stop]);
  let program: Program;
  try {
    program = await startProgram({
      file: '/bin/sh',
      args: ['-c', command],
      env: hookEnvironment(env, run),
      stdin: 'pipe',
      signal,
      killGraceMs: bounds.hookKillMs,
    });
  } catch (error) {
    const { cause } = error as { readonly cause?: NodeJS.ErrnoException };
    return `could not be started${cause?.code === undefined ? '' : ` (${cause.code})`}`;
  }
  const { stdout, ended } = program;
  const output = text(stdout).catch(() => '');
  void program.send(run.document).then(() => {
    program.endInput();
  }); // a command that does not read it is none the worse
  // What left the process group may hold the output open for ever.
  const unending = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      void sleep(bounds.hookKillMs + 500).then(resolve);
    });
  });
  const end = await Promise.race([ended, unending]);
  if (end !== undefined) print((await output) + (end.stderr === '' ? '' : `${end.stderr}\n`));
  if (stop.aborted) return 'was ended with this run';
  if (slow.aborted) return `was still running after ${durationText(bounds.hookMs)}, and was killed`;
  if (end?.signal !== undefined) return `was ended by ${end.signal}`;
  return end?.exitCode === 0 ? undefined : `exited with ${end?.exitCode ?? 'no code'}`;
}

/** The environment of this run without its secrets, and what came of it. */
export function hookEnvironment(env: Environment, run: EndedRun): Record<string, string> {
  const own: Record<(typeof HOOK_VARIABLES)[number], string> = {
    DBBACKUP_EXIT_CODE: String(run.exitCode),
    DBBACKUP_OPERATION: run.command,
    DBBACKUP_DATABASES: asMuchAsFits(run.databases.map(safeText), ','),
    DBBACKUP_BACKUP: asMuchAsFits(run.backups, '\n'),
    DBBACKUP_ERROR: asMuchAsFits(run.error.split('\n'), '\n'),
  };
  return { ...withoutSecrets(env), ...own };
}

/** Linux starts nothing with a variable of more than 128 KiB. */
const LARGEST_VARIABLE_BYTES = 100_000;

/** These in one text, which ends with `… and 512 more` where they would be too much. */
function asMuchAsFits(items: readonly string[], separator: string): string {
  const texts = items.map(beginningOf);
  let bytes = 0;
  const end = texts.findIndex(
    (text) => (bytes += Buffer.byteLength(text) + separator.length) > LARGEST_VARIABLE_BYTES,
  );
  const fitting = end === -1 ? texts : texts.slice(0, Math.max(1, end));
  const left = texts.length - fitting.length;
  return [...fitting, ...(left === 0 ? [] : [`… and ${left} more`])].join(separator);
}

/** As much of a text as fits by itself. */
function beginningOf(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= LARGEST_VARIABLE_BYTES) return text;
  // A character that is cut is left out.
  return `${new TextDecoder().decode(bytes.subarray(0, LARGEST_VARIABLE_BYTES), { stream: true })}…`;
}
