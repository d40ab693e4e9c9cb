/** What a read-only server says of itself. */
export interface ReadOnlyServer {
  /** Those that are on: `read_only`, `super_read_only`, `innodb_read_only`. */
  readonly settings: readonly string[];
  /** Whether this account may write anyway. */
  readonly mayWrite: boolean;
  /** The servers that it replicates from, as far as the account may know. */
  readonly sources: readonly string[];
}

/** `read-only (read_only, super_read_only)`, and of a replica whose. */
export function readOnlyText({ settings, sources }: ReadOnlyServer): string {
  const replica = sources.length === 0 ? '' : `, a replica of ${sources.join(' and ')}`;
  return `read-only (${settings.join(', ')})${replica}`;
}

/** Where to go instead: a sentence, then what to type where this very server is meant. */
export function insteadOfReadOnly({ settings, sources }: ReadOnlyServer): readonly string[] {
  const [source] = sources;
  return [
    source === undefined
      ? 'If it is a replica, connect to the server that it replicates from (--host, --port).'
      : `Connect to ${source} instead (--host, --port); changes made there are replicated here.`,
    ...(settings.includes('innodb_read_only')
      ? ['innodb_read_only can only be switched off by a restart of the server.']
      : [
          'To allow changes on this server for the time being:',
          settings
            .toReversed()
            .map((name) => `SET GLOBAL ${name} = OFF;`)
            .join(' '),
        ]),
  ];
}

/** For an account that may write anyway. */
export const WRITES_TO_REPLICA =
  'Data restored into a replica is missing on the server that it replicates from, and may break replication.';
