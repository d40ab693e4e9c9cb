import { expect } from 'vitest';
import { EXIT_CODES } from '../../src/run/errors.ts';
import type { ErrorCode } from '../../src/run/errors.ts';
import { runDbbackup } from './dbbackup.ts';
import type { RunOptions, RunResult } from './dbbackup.ts';

/** How a command is to fail. Texts must be contained, patterns must match; line breaks count as spaces. */
export interface ExpectedFailure {
  readonly code: ErrorCode;
  readonly message: string | RegExp | readonly (string | RegExp)[];
  /** undefined: there is none. */
  readonly hint: string | RegExp | readonly (string | RegExp)[] | undefined;
}

/** What stdout and stderr told; the same in text and in JSON. */
export interface ToldFailure {
  readonly message: string;
  readonly hint: string;
}

/**
 * Runs a command twice, with `--json` and as text, and holds both to the same failure: exit code, words, and a stdout
 * that is one JSON document, or empty. For commands whose failure can be repeated.
 */
export async function expectFailure(
  args: readonly string[],
  options: RunOptions,
  expected: ExpectedFailure,
): Promise<ToldFailure> {
  const told = expectToldInJson(await runDbbackup([...args, '--json'], options), expected);
  expectToldInText(await runDbbackup(args, options), expected);
  return told;
}

/** Holds a run with `--json` to its failure: one document on stdout, and the same words on stderr. */
export function expectToldInJson(result: RunResult, expected: ExpectedFailure): ToldFailure {
  const document = parsed(result);
  expect(document).toEqual({
    schema: 'dbbackup/error/1',
    ok: false,
    exitCode: EXIT_CODES[expected.code].exitCode,
    error: expect.objectContaining({ code: expected.code, message: expect.any(String) }),
  });
  expect(result.exitCode, result.stderr).toBe(EXIT_CODES[expected.code].exitCode);
  const { message, hint = '' } = document.error;
  const told = { message: flat(message), hint: flat(hint) };
  expectWords(told.message, expected.message);
  if (expected.hint === undefined) expect(told.hint).toBe('');
  else expectWords(told.hint, expected.hint);
  expect(flat(result.stderr)).toContain(flat(`error: ${message}`));
  return told;
}

/** Holds a run without `--json` to its failure: nothing on stdout, the words at the end of stderr, no stack. */
export function expectToldInText(result: RunResult, { code, message, hint }: ExpectedFailure): void {
  expect(result.exitCode, result.stderr).toBe(EXIT_CODES[code].exitCode);
  expect(result.stdout).toBe('');
  const [, toldMessage = '', toldHint = ''] =
    /^error: (.*?)(?: hint: (.*))?$/.exec(flat(result.stderr.slice(result.stderr.lastIndexOf('error: ')))) ??
    [];
  expectWords(toldMessage, message);
  if (hint === undefined) expect(toldHint).toBe('');
  else expectWords(toldHint, hint);
}

function expectWords(text: string, words: string | RegExp | readonly (string | RegExp)[]): void {
  for (const each of typeof words === 'string' || words instanceof RegExp ? [words] : words) {
    if (typeof each === 'string') expect(text).toContain(each);
    else expect(text).toMatch(each);
  }
}

function parsed({ stdout, stderr }: RunResult): { readonly error: { message: string; hint?: string } } {
  try {
    return JSON.parse(stdout) as { error: { message: string; hint?: string } };
  } catch (cause) {
    throw new Error(`stdout is not one JSON document: ${stdout}\nstderr: ${stderr}`, { cause });
  }
}

/** Terminal output breaks and indents long messages. */
function flat(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
