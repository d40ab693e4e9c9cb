import type { Compression, CreatePlan, Destination } from '../model/create-plan.ts';
import type { DbBackupError } from '../model/errors.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Connection } from '../model/connection.ts';
import type { Runtime } from './runtime.ts';

export interface CreateRequest {
  readonly connection: Connection;
  /** The backup directory, absolute. */
  readonly directory: string;
  readonly databases: readonly string[];
  readonly allDatabases: boolean;
  readonly label: string;
  readonly compression: Compression;
  readonly destination: Destination;
  readonly allowEmpty: boolean;
  readonly skip: { readonly routines: boolean; readonly events: boolean; readonly triggers: boolean };
  readonly lockWaitMs: number;
}

export interface CreatedBackup {
  /** Absolute; `-` for stdout. */
  readonly path: string;
  readonly manifest: Manifest;
}

/** One entry for every database that was asked for, in that order. */
export interface CreateOutcome {
  readonly backups: readonly CreatedBackup[];
  readonly failures: readonly { readonly database: string; readonly error: DbBackupError }[];
}

export async function createBackups(_request: CreateRequest, _runtime: Runtime): Promise<CreateOutcome> {
  return Promise.reject(new Error('being written'));
}

export async function planCreates(
  _request: CreateRequest,
  _runtime: Runtime,
): Promise<readonly CreatePlan[]> {
  return Promise.reject(new Error('being written'));
}
