import { describe, expect, test } from 'vitest';
import {
  exitCodeOfPlugin,
  pluginFailure,
  renderPlugin,
} from '../../../../../src/cli/render/health/nagios.ts';
import { DEFAULT_THRESHOLDS } from '../../../../../src/health/check.ts';
import { DbBackupError } from '../../../../../src/run/errors.ts';
import { parsePluginLine } from '../../../../harness/plugin-line.ts';
import { FINE, LEFT, OLD, someDatabase, someHealth, UNSEEN } from './some-health.ts';

describe('the line of a plugin', () => {
  test('says that all is well, and what there is to draw', () => {
    expect(renderPlugin(someHealth([FINE]))).toBe(
      "DBBACKUP OK - 1 database OK | 'shop_age'=7200s;;93600;0 'shop_size'=1200000B;;;0 'shop_duration'=1.5s;;;0\n",
    );
  });

  test('tells the worst first, and five at most', () => {
    expect(parsePluginLine(renderPlugin(someHealth([UNSEEN, LEFT, OLD])))).toMatchObject({
      status: 'CRITICAL',
      text: 'shop is old. There is a file. A folder cannot be read.',
    });
    expect(parsePluginLine(renderPlugin(someHealth(Array.from({ length: 7 }, () => LEFT)))).text).toBe(
      `${'There is a file. '.repeat(5)}and 2 more`,
    );
  });

  test.each([
    [[FINE], 'OK', 0],
    [[FINE, LEFT], 'WARNING', 1],
    [[LEFT, OLD], 'CRITICAL', 2],
    [[FINE, UNSEEN], 'UNKNOWN', 3],
    [[LEFT, UNSEEN], 'WARNING', 1],
    [[OLD, UNSEEN], 'CRITICAL', 2],
  ])('%j is %s', (checks, status, exitCode) => {
    const health = someHealth(checks);

    expect(parsePluginLine(renderPlugin(health)).status).toBe(status);
    expect(exitCodeOfPlugin(health.level)).toBe(exitCode);
  });

  test.each(["it's", 'a=b', 'a|b', 'a\nb', 'a b', 'ünï', "''", '=', 'a;b', 'a\\b'])(
    'is one line of valid data for a database called %j',
    (database) => {
      const wrong = { ...OLD, database, message: `${database} is old.\nAnd | more.` };
      const { data, text } = parsePluginLine(
        renderPlugin(someHealth([wrong], { databases: [someDatabase({ database })] })),
      );

      expect(Object.values(data)).toEqual(['7200s;;93600;0', '1200000B;;;0', '1.5s;;;0']);
      expect(text).toContain('is old.');
    },
  );

  test('has no threshold where none is wanted, no age below nothing, and no data without a backup', () => {
    const thresholds = { ...DEFAULT_THRESHOLDS, maxAgeMs: undefined };
    const early = someHealth([FINE], { thresholds, checkedAt: '2026-11-22T09:00:00.000Z' });

    expect(parsePluginLine(renderPlugin(early)).data['shop_age']).toBe('0s;;;0');
    const never = someHealth([OLD], { databases: [someDatabase({ lastBackup: undefined })] });
    expect(parsePluginLine(renderPlugin(never)).data).toEqual({});
  });

  test('a failure is unknown', () => {
    const error = new DbBackupError('no-space', '/b could not be read:\npermission | denied.');

    expect(parsePluginLine(pluginFailure(error))).toEqual({
      ...{ status: 'UNKNOWN', text: '/b could not be read: permission / denied.', data: {} },
    });
    expect(parsePluginLine(pluginFailure(new TypeError('x'))).status).toBe('UNKNOWN');
    expect(exitCodeOfPlugin('unknown')).toBe(3);
  });
});
