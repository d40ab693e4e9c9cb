import { expect, test } from 'vitest';
import {
  isStage,
  jobOfLoadAccount,
  jobOfScratchSchema,
  loadAccountName,
  scratchSchemas,
} from '../../../src/run/scratch-names.ts';

test('names tell the job that they were made for', () => {
  const { stage, old } = scratchSchemas('b2c3d4f5');
  expect([stage, old].map(jobOfScratchSchema)).toEqual(['b2c3d4f5', 'b2c3d4f5']);
  expect([stage, old].map(isStage)).toEqual([true, false]);
  expect(jobOfLoadAccount(loadAccountName('b2c3d4f5'))).toBe('b2c3d4f5');
});

test.each([
  'dbbackup_load_',
  'dbbackup_load_me',
  'dbbackup_load_b2c3d4f5x',
  'Dbbackup_load_b2c3d4f5',
  'root',
])('%s is nobody that we have made', (user) => {
  expect(jobOfLoadAccount(user)).toBeUndefined();
});

test.each(['dbbackup_stage_', 'dbbackup_new_b2c3d4f5', 'dbbackup_stage_b2c3d4f5_', 'shop'])(
  '%s is a schema of somebody else',
  (schema) => {
    expect(jobOfScratchSchema(schema)).toBeUndefined();
  },
);
