/**
 * - `problem`: create or restore would fail;
 * - `warning`: they would work, and something should be put right all the same;
 * - `ok`: was looked at, and is OK.
 */
export type FindingLevel = 'problem' | 'warning' | 'ok';

/** What was checked; names that scripts may rely on. */
export type FindingCheck =
  | 'node'
  | 'configuration'
  | 'folder'
  | 'space'
  | 'backups'
  | 'leftovers'
  | 'programs'
  | 'connection'
  | 'tls'
  | 'server-settings'
  | 'databases'
  | 'create-privileges'
  | 'restore-privileges'
  | 'swap-privileges'
  | 'definitions'
  | 'tables';

/** One result of `doctor`. No text contains a secret. */
export interface Finding {
  readonly level: FindingLevel;
  readonly check: FindingCheck;
  /** undefined: it is about the server or this machine. */
  readonly database?: string | undefined;
  /** The finding, in one sentence. */
  readonly message: string;
  /** The consequence. */
  readonly why?: string | undefined;
  /** What to type, one statement or command each, in this order; or a sentence where there is nothing to type. */
  readonly fix?: readonly string[] | undefined;
}

export function isHealthy(findings: readonly Finding[]): boolean {
  return findings.every(({ level }) => level !== 'problem');
}
