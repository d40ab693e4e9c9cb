// Every failure tells the user what to do: each exit code is thrown at least once with a hint.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { EXIT_CODES } from '../../../src/run/errors.ts';

/** Codes without a hint of their own, and why. */
const WITHOUT_HINT: Readonly<Record<string, string>> = {
  ok: 'not a failure',
  unhealthy: 'never thrown: each finding has its own command to type',
  partial: 'the sum of other failures, each with its own hint',
  hangup: 'the user ended the run',
  interrupted: 'the user ended the run',
  terminated: 'the user ended the run',
};

const SOURCES = fileURLToPath(new URL('../../../src', import.meta.url));

/** The codes that stand as text in a `new DbBackupError(…)` with a hint. */
function codesWithHint(text: string): readonly string[] {
  const codes: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText() === 'DbBackupError') {
      const [code, , options] = node.arguments ?? [];
      if (code !== undefined && ts.isStringLiteral(code) && hasHint(options)) codes.push(code.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true));
  return codes;
}

function hasHint(options: ts.Expression | undefined): boolean {
  return (
    options !== undefined &&
    ts.isObjectLiteralExpression(options) &&
    options.properties.some(({ name }) => name?.getText() === 'hint')
  );
}

describe('every exit code', () => {
  const found = new Set(
    readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) => codesWithHint(readFileSync(join(SOURCES, path), 'utf8'))),
  );

  test.each(Object.keys(EXIT_CODES).filter((code) => !(code in WITHOUT_HINT)))(
    '%s is thrown with a hint somewhere',
    (code) => {
      expect(found).toContain(code);
    },
  );

  test('a code without a hint is not counted', () => {
    expect(codesWithHint("new DbBackupError('unsafe', 'No.', { cause });")).toEqual([]);
    expect(codesWithHint("new DbBackupError('unsafe', 'No.', { hint: 'Yes.' });")).toEqual(['unsafe']);
  });
});
