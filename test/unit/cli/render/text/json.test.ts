import { expect, test } from 'vitest';
import { jsonDocument } from '../../../../../src/cli/render/text/json.ts';

test('is one line with its schema first, and without nulls', () => {
  expect(jsonDocument('list', true, { backups: [{ a: null, b: undefined, c: 0, d: '' }] })).toBe(
    '{"schema":"dbbackup/list/1","ok":true,"backups":[{"c":0,"d":""}]}\n',
  );
});
