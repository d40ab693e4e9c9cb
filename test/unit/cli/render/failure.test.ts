import { expect, test } from 'vitest';
import { exitCodeOf, failureDocument, renderFailure } from '../../../../src/cli/render/failure.ts';
import { plainPaint } from '../../../../src/cli/render/text/paint.ts';
import { DbBackupError } from '../../../../src/run/errors.ts';

const LOCKED = new DbBackupError('locked', 'A backup of shop is running.', { hint: 'wait for it' });

test('says what is wrong and what to do', () => {
  expect(renderFailure(LOCKED, plainPaint)).toBe('error: A backup of shop is running.\nhint:  wait for it\n');
});

test('keeps the lines of a quoted tool together, and escapes what a terminal would obey', () => {
  const error = new DbBackupError('dump-failed', 'mysqldump failed:\nGot \u001b[2J error');

  expect(renderFailure(error, plainPaint)).toBe('error: mysqldump failed:\n       Got \\x1b[2J error\n');
});

test('shows a bug with its stack, but no password of a URL', () => {
  const text = renderFailure(new TypeError('bad mysql://root:secret@db'), plainPaint);

  expect(text).toContain('This is a bug in dbbackup; please report it.');
  expect(text).toContain('failure.test.ts');
  expect(text).not.toContain('secret');
});

test('is a document of its own', () => {
  expect(JSON.parse(failureDocument(LOCKED))).toEqual({
    schema: 'dbbackup/error/1',
    ok: false,
    exitCode: 11,
    error: { code: 'locked', message: 'A backup of shop is running.', hint: 'wait for it' },
  });
  expect(JSON.parse(failureDocument(new TypeError('x')))).toMatchObject({
    exitCode: 1,
    error: { code: 'failed' },
  });
});

test('ends a bug with 1 and an expected failure with its own code', () => {
  expect([exitCodeOf(LOCKED), exitCodeOf('?')]).toEqual([11, 1]);
});
