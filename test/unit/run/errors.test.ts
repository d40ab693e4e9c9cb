import { describe, expect, test } from 'vitest';
import {
  cancelledWith,
  DbBackupError,
  EXIT_CODES,
  inOneLine,
  isCancellation,
} from '../../../src/run/errors.ts';
import type { ErrorCode } from '../../../src/run/errors.ts';

describe('EXIT_CODES', () => {
  test('are the numbers that scripts rely on', () => {
    const numbers = Object.entries(EXIT_CODES).map(([name, { exitCode }]) => [exitCode, name]);

    expect(numbers).toEqual([
      [0, 'ok'],
      [1, 'failed'],
      [2, 'usage'],
      [3, 'partial'],
      [10, 'not-found'],
      [11, 'locked'],
      [12, 'access-denied'],
      [13, 'not-confirmed'],
      [14, 'unreachable'],
      [15, 'tool-missing'],
      [16, 'damaged'],
      [17, 'no-space'],
      [18, 'safety-backup-failed'],
      [19, 'unsafe'],
      [20, 'restore-failed'],
      [21, 'restore-incomplete'],
      [22, 'dump-failed'],
      [23, 'unhealthy'],
      [124, 'timeout'],
      [129, 'hangup'],
      [130, 'interrupted'],
      [143, 'terminated'],
    ]);
  });

  test('each says when it happens', () => {
    expect(Object.values(EXIT_CODES).filter(({ when }) => when.length < 10)).toEqual([]);
  });
});

describe('DbBackupError', () => {
  test('carries its exit code, hint and cause', () => {
    const cause = new Error('EACCES');
    const error = new DbBackupError('no-space', 'No room.', { hint: 'Make some.', cause });

    expect(error).toMatchObject({ name: 'DbBackupError', code: 'no-space', exitCode: 17 });
    expect(error).toMatchObject({ message: 'No room.', hint: 'Make some.', cause });
  });

  test('has no cause at all when none is given', () => {
    expect('cause' in new DbBackupError('failed', 'It failed.')).toBe(false);
  });

  test('wrapping keeps an expected failure as it is', () => {
    const error = new DbBackupError('locked', 'Locked.');

    expect(DbBackupError.wrap(error, 'failed', 'It failed.')).toBe(error);
  });

  test('wrapping gives any other failure the meaning that the caller knows', () => {
    const cause = new TypeError('x is undefined');

    expect(DbBackupError.wrap(cause, 'damaged', 'It is damaged.', 'Take another.')).toMatchObject({
      code: 'damaged',
      message: 'It is damaged.',
      hint: 'Take another.',
      cause,
    });
  });
});

describe('isCancellation', () => {
  test.each<[ErrorCode, boolean]>([
    ['timeout', true],
    ['hangup', true],
    ['interrupted', true],
    ['terminated', true],
    ['failed', false],
    ['unreachable', false],
  ])('%s: %s', (code, cancelled) => {
    expect(isCancellation(new DbBackupError(code, ''))).toBe(cancelled);
  });

  test('is about our own errors only', () => {
    expect(isCancellation(new DOMException('aborted', 'AbortError'))).toBe(false);
  });
});

describe('cancelledWith', () => {
  test('says in which state a cancellation leaves things', () => {
    const error = new DbBackupError('interrupted', 'Cancelled by SIGINT.', { hint: 'Look.' });

    expect(cancelledWith(error, 'shop is unchanged.')).toMatchObject({
      code: 'interrupted',
      message: 'Cancelled by SIGINT. shop is unchanged.',
      hint: 'Look.',
      cause: error,
    });
  });

  test('leaves every other error as it is', () => {
    const error = new DbBackupError('locked', 'Locked.');

    expect(cancelledWith(error, 'shop is unchanged.')).toBe(error);
  });
});

describe('inOneLine', () => {
  test.each([
    [
      { message: 'Access denied (using password: NO)', hint: 'Give one.' },
      'Access denied (using password: NO). Give one.',
    ],
    [{ message: 'Locked.', hint: 'Wait.\nOr look.' }, 'Locked. Wait. Or look.'],
    [{ message: 'its manifest is not JSON', hint: undefined }, 'its manifest is not JSON'],
  ])('%o', (error, line) => {
    expect(inOneLine(error)).toBe(line);
  });
});
