import { processRuntime } from '../cli/process/process-context.ts';
import * as health from '../health/check-health.ts';
import type { Health, HealthRequest } from '../health/check-health.ts';
import { DEFAULT_THRESHOLDS, type Thresholds } from '../health/check.ts';
import type { Runtime } from '../run/runtime.ts';
import { parseLabelOfBackups } from '../settings/values/label.ts';
import { absoluteDirectory, checked, given, sameServerOf } from './checked-values.ts';
import type { Without } from './requests.ts';

export type CheckHealthRequest = Without<Omit<HealthRequest, 'thresholds'>, 'databases' | 'sameServer'> & {
  /** Those left out have the command line's defaults; undefined switches a check off. */
  readonly thresholds?: Partial<Thresholds> | undefined;
};

/**
 * Whether each database has a recent, complete backup, by manifests and job files.
 *
 * @param request.databases Left out: all that have backups, or with `server` all that are there.
 * @param request.label Only backups with this label; left out: all.
 * @throws {DbBackupError} `usage`; `no-space` when the backup directory cannot be read. A server that cannot be asked is a check.
 */
export async function checkHealth(
  request: CheckHealthRequest,
  runtime: Runtime = processRuntime(),
): Promise<Health> {
  const { databases = [], thresholds, server, label } = request;
  const directory = absoluteDirectory(request.directory, runtime.cwd);
  return health.checkHealth(
    {
      ...{ directory, databases, server: server && checked(server) },
      excludeDatabases: request.excludeDatabases,
      label: parseLabelOfBackups(label === undefined ? undefined : given('label', label)),
      thresholds: { ...DEFAULT_THRESHOLDS, ...thresholds },
      sameServer:
        server === undefined ? ['--dir', directory] : sameServerOf(request.sameServer, server, directory),
    },
    runtime,
  );
}
