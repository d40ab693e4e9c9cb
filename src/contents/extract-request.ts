import type { Backup } from '../backups/record/backup.ts';

export interface ExtractRequest {
  /** As `restore` takes it: `shop/latest`, a name, a path. */
  readonly reference: string;
  /** Absolute. */
  readonly directory: string;
  /** Tables, or views. undefined: all that the backup holds. */
  readonly tables: readonly string[] | undefined;
  /** Only definitions, or only rows; undefined: both. */
  readonly only: ExtractOnly | undefined;
  readonly destination: { readonly kind: 'file'; readonly path: string } | { readonly kind: 'stdout' };
}

export type ExtractOnly = 'schema' | 'data';

export interface Extracted {
  readonly backup: Backup;
  /** Absolute; `-` for stdout. */
  readonly path: string;
  /** What was written. */
  readonly sqlBytes: number;
  /** Of the backup's file. */
  readonly readBytes: number;
  readonly proof: ExtractProof;
  /** Whoever read stdout has left before the end. */
  readonly isCutShort: boolean;
}

/**
 * What proves that what was written is what was backed up: the sha256 of the whole file; or, of the parts that were read,
 * their checksums and their lengths in the manifest, their lengths alone, their checksums alone; or nothing.
 */
export type ExtractProof = 'sha256' | 'checksums-and-lengths' | 'lengths' | 'checksums' | 'none';
