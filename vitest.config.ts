import { defineConfig } from 'vitest/config';

/** Where `.ci/run` wants the result as JSON, beside what is printed. */
const report = process.env['DBBACKUP_TEST_REPORT'];

export default defineConfig({
  test: {
    restoreMocks: true,
    unstubEnvs: true,
    pool: 'forks',
    maxWorkers: 2, // more would measure the machine: each integration test already runs several programs
    reporters: [
      'default',
      ...(report === undefined ? [] : [['json', { outputFile: report }] as ['json', object]]),
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**'],
      thresholds: { lines: 90, functions: 90, branches: 85 },
    },
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/harness/global-setup.ts'],
          setupFiles: ['test/harness/leak-guard.ts'],
          testTimeout: 60_000,
          hookTimeout: 30_000,
        },
      },
    ],
  },
});
