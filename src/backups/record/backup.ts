import type { Manifest } from './manifest.ts';
import type { Ownership } from '../../files/ownership.ts';
import type { CompressionMethod } from '../../compression/methods.ts';

/**
 * - complete: a manifest of ours that fits the file's name and size (`verify` proves the bytes);
 * - unverified: a dump without a manifest, so not ours or its manifest is lost;
 * - suspect: complete, but made while a restore in place had left its database half done;
 * - unreadable: this login may not read the manifest;
 * - damaged: the manifest is broken, or does not fit the file.
 */
export type BackupState = 'complete' | 'unverified' | 'suspect' | 'unreadable' | 'damaged';

/** One backup in the backup directory. */
export interface Backup {
  /** Without extension: `manual_2026-11-22_03-00-00`. */
  readonly name: string;
  readonly database: string;
  /** Absolute. */
  readonly path: string;
  /** undefined for a file that dbbackup did not name. */
  readonly label: string | undefined;
  /** When it was started: by the manifest, else by the name, else by the file's time. RFC 3339, UTC. */
  readonly startedAt: string;
  readonly sizeBytes: number;
  readonly compression: CompressionMethod;
  readonly state: BackupState;
  /** Why it is damaged, unreadable or suspect, in a sentence; only for these states. */
  readonly problem?: string | undefined;
  readonly manifest: Manifest | undefined;
  /** Who could have written the manifest. */
  readonly manifestFile?: Ownership | undefined;
}

/** Newest first; within one second by name, so that the order never wavers. */
export function newestFirst(a: Backup, b: Backup): number {
  return descending(a.startedAt, b.startedAt) || descending(a.name, b.name);
}

function descending(a: string, b: string): number {
  return a < b ? 1 : a > b ? -1 : 0;
}

/** How a backup is named on the command line: `shop/manual_2026-11-22_03-00-00`. */
export function backupReference(backup: Pick<Backup, 'database' | 'name'>): string {
  return `${backup.database}/${backup.name}`;
}

/** As `restore` takes it: short for backups in the backup directory, else the path. */
export function shownReference(
  backup: Pick<Backup, 'database' | 'name' | 'path'>,
  directory: string,
): string {
  return backup.path.startsWith(`${directory}/`) ? backupReference(backup) : backup.path;
}
