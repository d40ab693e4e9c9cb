import { chownSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { GONE, someJob } from '../unit/jobs/some-jobs.ts';
import { newJobId } from '../../src/run/job-id.ts';
import type { SwapStep } from '../../src/jobs/record/swap-journal.ts';
import { databaseToBeMade, unusedName } from './database.ts';
import type { TestServer } from './test-server.ts';

/** The files of a restore that never ran, and what a run would do that believed them. */
export interface PlantedRestore {
  readonly id: string;
  readonly job: string;
  readonly swap: string;
  /** Both schemas are on the server, and this database is not. */
  readonly isUntouched: () => Promise<boolean>;
}

/**
 * Plants an interrupted restore of a database in a backup directory that has had a run: its state file, a swap script
 * that makes a canary, and on the server the two schemas. The table `t` of the target has changed places.
 *
 * @param owners Their user ids.
 */
export async function plantRestore(
  server: TestServer,
  { backups, database }: { readonly backups: string; readonly database: string },
  owners: { readonly job: number; readonly swap: number },
  step: SwapStep = 'finishing',
): Promise<PlantedRestore> {
  const id = newJobId();
  const canary = databaseToBeMade(server, unusedName('canary'));
  const [stage, old] = [`dbbackup_stage_${id}`, `dbbackup_old_${id}`];
  await server.sql(
    `CREATE DATABASE ${stage}; CREATE DATABASE ${old}; CREATE TABLE ${old}.t (id INT PRIMARY KEY);`,
  );
  onTestFinished(async () => {
    for (const schema of [stage, old]) await server.sql(`DROP DATABASE IF EXISTS ${schema};`);
  });
  const [job, swap] = ['json', 'swap'].map((ending) => join(backups, '.jobs', `${id}.${ending}`)) as [
    string,
    string,
  ];
  const evil = 'evil: rm -rf /';
  const told = someJob({
    ...{ id, database, operation: 'restore', process: { ...GONE, host: hostname() } },
    swap: { step, stage, old, returnCommand: evil, resumeCommand: evil },
  });
  const script = {
    schema: 'dbbackup/swap/1',
    database,
    createsDatabase: false,
    arriving: ['t'],
    leaving: ['t'],
    drops: { views: [], routines: [], events: [] },
    defaults: null,
    triggers: [],
    preamble: ['SET NAMES utf8mb4'],
    programs: [{ kind: 'view', name: 'v', settings: {}, statement: `CREATE DATABASE ${canary}` }],
  };
  writeFileSync(job, JSON.stringify(told), { mode: 0o644 });
  writeFileSync(swap, JSON.stringify(script), { mode: 0o644 });
  chownSync(job, owners.job, owners.job);
  chownSync(swap, owners.swap, owners.swap);
  const isUntouched = async (): Promise<boolean> => {
    const schemas = (await server.query('SHOW DATABASES')).split('\n');
    return schemas.includes(stage) && schemas.includes(old) && !schemas.includes(canary);
  };
  return { id, job, swap, isUntouched };
}
