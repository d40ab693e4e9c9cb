import { describe, expect, test } from 'vitest';
import { candidatesFor } from '../../../../src/cli/completion/candidates.ts';
import { kindOfFlag } from '../../../../src/cli/completion/value-kind.ts';
import { COMMAND_NAMES } from '../../../../src/cli/commands/command-table.ts';
import { longFlag, settingsOf, SETTING_ROWS } from '../../../../src/settings/table/settings-of-command.ts';
import { quietRuntime } from '../../run/quiet-runtime.ts';

describe('candidatesFor', () => {
  test('knows every command', async () => {
    expect(await valuesFor([], '')).toEqual([...COMMAND_NAMES, 'help']);
  });

  test.each(COMMAND_NAMES)('knows every flag of %s', async (command) => {
    const flags = settingsOf(command).flatMap((row) => (row.flags === '' ? [] : [longFlag(row)]));

    expect(await valuesFor([command], '--')).toEqual([...flags, '--help']);
  });

  test('offers a flag once, unless it may be repeated', async () => {
    const flags = await valuesFor(['restore', '--table', 'orders', '--to=copy'], '--t');

    expect(flags).toContain('--table');
    expect(flags).not.toContain('--to');
  });

  test('takes nothing for a flag behind --, and gives nothing that would be one', async () => {
    expect(await valuesFor(['create', '--'], '--')).toEqual([]);
  });

  test('asks for no backup directory where nothing of it is wanted', async () => {
    const refused = (): Promise<string> => Promise.reject(new Error('not wanted'));

    expect(
      await candidatesFor({ before: ['create', '--compress'], current: 'z' }, refused, quietRuntime()),
    ).toEqual({
      candidates: [{ value: 'zstd' }],
      paths: 'none',
    });
  });

  test('a flag whose value is one of a set has its choices', () => {
    const ofASet = SETTING_ROWS.filter(({ flags }) => /<(?:mode|method|format)>/.test(flags));

    expect(ofASet.map((row) => [row.key, typeof kindOfFlag(row)])).toEqual(
      ofASet.map((row) => [row.key, 'object']),
    );
  });
});

async function valuesFor(before: readonly string[], current: string): Promise<readonly string[]> {
  const nowhere = (): Promise<string> => Promise.resolve('/nowhere');
  const { candidates } = await candidatesFor({ before, current }, nowhere, quietRuntime());
  return candidates.map(({ value }) => value);
}
