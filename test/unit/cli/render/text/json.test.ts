import { expect, test } from 'vitest';
import { jsonDocument } from '../../../../../src/cli/render/text/json.ts';

test('is one line with its schema first, and without nulls', () => {
  const fields = { name: '', path: '/b', database: null as never, pin: { at: '', until: undefined } };

  expect(jsonDocument('pin', 0, { ...fields, before: undefined })).toBe(
    '{"schema":"dbbackup/pin/1","ok":true,"name":"","path":"/b","pin":{"at":""}}\n',
  );
});

test('says the exit code where it is not ok', () => {
  expect(jsonDocument('verify', 16, { results: [] })).toBe(
    '{"schema":"dbbackup/verify/1","ok":false,"exitCode":16,"results":[]}\n',
  );
});
