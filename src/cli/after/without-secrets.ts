export type Environment = Readonly<Record<string, string | undefined>>;

/** What dbbackup itself may be given a password or another token in, and the commands, which would run each other. */
const KEPT_BACK: ReadonlySet<string> = new Set([
  'DBBACKUP_PASSWORD',
  'DBBACKUP_URL',
  'DATABASE_URL',
  'MYSQL_PWD',
  'DBBACKUP_PING',
  'DBBACKUP_ON_SUCCESS',
  'DBBACKUP_ON_FAILURE',
  'DBBACKUP_HEALTH_PING',
  'DBBACKUP_HEALTH_ON_SUCCESS',
  'DBBACKUP_HEALTH_ON_FAILURE',
]);

/** An environment for what is started by a run, but is no run. */
export function withoutSecrets(env: Environment): Record<string, string> {
  const kept = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || KEPT_BACK.has(name) ? [] : [[name, value] as const],
  );
  return Object.fromEntries(kept);
}
