import { describe, expect, test } from 'vitest';
import { parseSwapScript } from '../../../src/restore/swap/swap-script-schema.ts';
import { parseJob } from '../../../src/jobs/record/job-schema.ts';
import { parseManifest } from '../../../src/backups/record/manifest-schema.ts';
import { SWAP_STEPS } from '../../../src/jobs/record/swap-journal.ts';
import { someJob } from '../jobs/some-jobs.ts';
import { someSwapScript } from '../restore/swap/some-swaps.ts';
import { someManifest } from '../cli/render/some-backups.ts';

const SWAP = { step: 'swapping', stage: 'dbbackup_stage_a1', old: 'dbbackup_old_a1' } as const;

describe('the journal of a swap in a job', () => {
  test.each(SWAP_STEPS)('may be at the step %s', (step) => {
    const job = someJob({ operation: 'restore', swap: { ...SWAP, step } });

    expect(parseJob(JSON.parse(JSON.stringify(job)))).toEqual(job);
  });

  // They are dropped by these names.
  test.each([
    ['stage', 'shop'],
    ['stage', 'dbbackup_stage_'],
    ['old', 'shop'],
    ['old', 'dbbackup_old_a`; DROP DATABASE shop'],
    ['old', 'dbbackup_old_a1\n'],
    ['old', 'x_dbbackup_old_a1'],
    ['step', 'done'],
  ])('has no %s named %j', (key, value) => {
    expect(() => parseJob({ ...someJob(), swap: { ...SWAP, [key]: value } })).toThrow(`swap.${key}`);
  });
});

describe('a swap script', () => {
  test('is taken whole, with what later releases add', () => {
    const later = { ...someSwapScript(), added: 1 };

    expect(parseSwapScript(JSON.parse(JSON.stringify(later)))).toEqual(later);
    expect(parseSwapScript(someSwapScript({ defaults: null }))).toMatchObject({ defaults: null });
  });

  test.each<[path: string, change: object]>([
    ['schema', { schema: 'dbbackup/swap/2' }],
    ['database', { database: undefined }],
    ['createsDatabase', { createsDatabase: 'no' }],
    ['arriving.0', { arriving: [1] }],
    ['leaving', { leaving: undefined }],
    ['drops.events', { drops: { views: [], routines: [] } }],
    ['defaults', { defaults: undefined }],
    ['triggers.0.kind', { triggers: [{ kind: 'table', name: 'a', settings: {}, statement: '' }] }],
    ['programs.0.settings.x', { programs: [{ kind: 'view', name: 'a', settings: { x: 1 }, statement: '' }] }],
    ['preamble', { preamble: 'SET NAMES utf8mb4' }],
  ])('is refused where %s is wrong', (path, change) => {
    expect(() => parseSwapScript({ ...someSwapScript(), ...change })).toThrow(`${path}: `);
  });
});

describe('what a manifest says of the only way to restore', () => {
  const manifest = someManifest();
  const whole = { ...manifest, file: { ...manifest.file, sha256: 'ab'.repeat(32) } };

  test('may be missing, as in older ones, or be one that is known', () => {
    const restoreOnly = { method: 'in-place', reason: 'it says so' };

    expect(parseManifest(whole).restoreOnly).toBeUndefined();
    expect(parseManifest({ ...whole, restoreOnly }).restoreOnly).toEqual(restoreOnly);
    expect(() => parseManifest({ ...whole, restoreOnly: { method: 'upside-down', reason: '' } })).toThrow(
      'restoreOnly.method: ',
    );
  });
});
