// dbbackup as a library: the same core that the command line calls.
export { resolveSettings } from './core/connection.ts';
export type { ResolvedSettings } from './core/connection.ts';
export { createBackups } from './core/create.ts';
export type { CreatedBackup, CreateOutcome, CreateRequest } from './core/create.ts';
