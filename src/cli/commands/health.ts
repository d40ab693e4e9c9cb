import { checkHealth, type Health, type HealthRequest } from '../../health/check-health.ts';
import { bySeverity } from '../../health/check.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { ResolvedSettings } from '../../settings/resolve-settings.ts';
import { parseDatabaseNames } from '../../settings/values/database-names.ts';
import { parseLabelOfBackups } from '../../settings/values/label.ts';
import { parseDirectory } from '../../settings/values/destination.ts';
import type { Lookup } from '../../settings/values/given-text.ts';
import type { RunOutcome } from '../after/run-report.ts';
import { typedServer } from '../arguments/typed-server.ts';
import type { Invocation } from '../process/invocation.ts';
import {
  documentOfWrong,
  exitCodeOfHealth,
  healthDocument,
  healthSummary,
  renderHealth,
} from '../render/health/health.ts';
import { exitCodeOfPlugin, PLUGIN_CODE_NAMES, renderPlugin } from '../render/health/nagios.ts';
import { renderHealthMetrics } from '../render/health/prometheus.ts';
import { printResult, widthOf } from '../render/print-result.ts';
import { choosePaint, wantsColor } from '../render/text/paint.ts';
import { wrapped } from '../render/text/wrap.ts';
import { localRun, serverRun } from '../runs/server-run.ts';
import { excludedDatabases } from './create-request.ts';
import { healthFormat, healthThresholds, refuseNamesOfAll } from './health-request.ts';

/** `dbbackup health`: whether each database is backed up lately, wholly, and as proven as asked for. */
export async function health(invocation: Invocation): Promise<number> {
  const { context, flags, report } = invocation;
  const format = healthFormat(flags);
  if (format === 'nagios') report.exitCodeNames = PLUGIN_CODE_NAMES;
  const found = await readHealth(invocation);
  report.outcome = healthReport(found);
  if (format !== 'nagios') return tell(found, format, invocation);
  await printResult(context.stdout, renderPlugin(found));
  return exitCodeOfPlugin(found.level);
}

async function readHealth(invocation: Invocation): Promise<Health> {
  const { context, flags, operands } = invocation;
  const databases = parseDatabaseNames(operands);
  refuseNamesOfAll(databases, flags);
  const check = async (
    given: Lookup,
    runtime: Runtime,
    server:
      | { readonly connection: ResolvedSettings['connection']; readonly sameServer: readonly string[] }
      | undefined,
  ): Promise<Health> => {
    const directory = parseDirectory(given('dir'), context.cwd);
    const request: HealthRequest = {
      ...{ directory, databases, server: server?.connection },
      label: parseLabelOfBackups(given('only-label')),
      excludeDatabases: excludedDatabases(given, server !== undefined),
      thresholds: healthThresholds(given),
      sameServer: server?.sameServer ?? ['--dir', directory, ...typedServer(flags, runtime)],
    };
    return checkHealth(request, runtime);
  };
  // Only the list of databases comes from a server.
  if (flags['all-databases'] === undefined)
    return localRun('health', invocation, ({ given, runtime }) => check(given, runtime, undefined));
  return serverRun('health', invocation, (run) => check(run.given, run.runtime, run));
}

async function tell(
  found: Health,
  format: 'text' | 'json' | 'prometheus',
  { context, flags }: Invocation,
): Promise<number> {
  const { stdout, isTty, env } = context;
  if (format === 'json') await printResult(stdout, healthDocument(found));
  else if (format === 'prometheus') await printResult(stdout, renderHealthMetrics(found));
  else {
    const paint = await choosePaint(wantsColor(isTty.stdout, flags, env));
    const width = widthOf(context);
    const text = renderHealth(found, paint, { quiet: flags.quiet !== undefined, width });
    await printResult(stdout, wrapped(text, width));
  }
  return exitCodeOfHealth(found);
}

/** For what follows the run. */
function healthReport(found: Health): RunOutcome {
  const wrong = bySeverity(found).filter(({ level }) => level !== 'ok');
  return {
    databases: found.databases.map(({ database }) => database),
    backups: [],
    message: healthSummary(found),
    problems: wrong.map(({ level, message }) => `${level}: ${message}`),
    document: () => healthDocument(found),
    documentOfWrong: () => documentOfWrong(found),
  };
}
