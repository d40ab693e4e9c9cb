import { warningText } from '../../run/warning.ts';
import { resolveSettings, type ResolvedSettings } from '../../settings/resolve-settings.ts';
import { resolveLocalSettings } from '../../settings/resolve-local-settings.ts';
import type { Runtime } from '../../run/runtime.ts';
import { DbBackupError, isCancellation } from '../../run/errors.ts';
import type { CommandName } from '../../settings/table/setting.ts';
import { watchCancellation } from '../terminal/cancellation.ts';
import type { Invocation } from '../process/invocation.ts';
import { askPassword } from '../terminal/questions.ts';
import { renderSettings } from '../render/settings.ts';
import { runtimeOf } from './runtime-of.ts';
import { parseDirectory } from '../../settings/values/destination.ts';
import { parseDuration } from '../../settings/values/duration.ts';
import { lookup, type Lookup } from '../../settings/values/given-text.ts';
import { chooseReporter } from '../progress/choose-reporter.ts';
import { detachedReporter } from '../detach/detached-reporter.ts';
import type { ProgressReporter } from '../progress/progress-reporter.ts';

/** For a detached run without `--timeout`: nobody is there to notice that it hangs. */
const DETACHED_LIMIT_MS = 10 * 60_000;

/** What a command that may take long has once its settings are resolved. */
export interface LocalRun {
  readonly given: Lookup;
  readonly runtime: Runtime;
  readonly reporter: ProgressReporter;
  /** What should be fixed in the settings: reported already, except for `doctor`, which makes findings of it. */
  readonly settings: Pick<ResolvedSettings, 'warnings' | 'exposedFiles' | 'sameServer'>;
}

/** The same of a command that talks to a server. */
export interface ServerRun extends LocalRun {
  readonly connection: ResolvedSettings['connection'];
  /** Flags with which a further command reaches the same backup directory and server from anywhere. */
  readonly sameServer: readonly string[];
}

/**
 * Runs what may take long and talks to a server: with a reporter, signals, `--timeout` and resolved settings.
 * Whatever happens, the reporter stops and the signal handlers are removed afterwards.
 */
export async function serverRun<T>(
  command: CommandName,
  invocation: Invocation,
  run: (parts: ServerRun) => Promise<T>,
): Promise<T> {
  const { context, flags } = invocation;
  const resolve = async (runtime: Runtime): Promise<ResolvedSettings> =>
    resolveSettings(
      flags,
      runtime,
      () => context.detachedParent?.askPassword() ?? askPassword(context, flags, runtime.signal),
    );
  return withReporter(command, invocation, resolve, (parts) => {
    const directory = parseDirectory(parts.given('dir'), context.cwd);
    return run({ ...parts, sameServer: ['--dir', directory, ...parts.settings.sameServer] });
  });
}

/** The same for what needs no server: no connection is resolved. */
export async function localRun<T>(
  command: CommandName,
  invocation: Invocation,
  run: (parts: LocalRun) => Promise<T>,
): Promise<T> {
  const resolve = async (runtime: Runtime): Promise<Resolved<undefined>> => ({
    values: await resolveLocalSettings(invocation.flags, runtime),
    connection: undefined,
    warnings: [],
    exposedFiles: [],
    sameServer: [],
  });
  return withReporter(command, invocation, resolve, run);
}

interface Resolved<C> extends Pick<ResolvedSettings, 'values' | 'warnings' | 'exposedFiles' | 'sameServer'> {
  readonly sources?: ResolvedSettings['sources'];
  readonly connection: C;
}

async function withReporter<C extends ResolvedSettings['connection'] | undefined, T>(
  command: CommandName,
  invocation: Invocation,
  resolve: (runtime: Runtime) => Promise<Resolved<C>>,
  run: (parts: LocalRun & { readonly connection: C }) => Promise<T>,
): Promise<T> {
  const { context, flags } = invocation;
  const { detachedParent: parent } = context;
  const reporter = parent === undefined ? await chooseReporter(context, flags) : detachedReporter(parent);
  using cancellation = watchCancellation(context.signals, (text) => {
    reporter.note(text);
  });
  const { signal } = cancellation;
  try {
    const runtime = runtimeOf(invocation, signal, reporter.onProgress);
    const settings = await resolve(runtime);
    const { values, sources, connection } = settings;
    const given = lookup(values, flags, context.env, sources);
    if (command !== 'doctor')
      for (const warning of settings.warnings)
        reporter.onProgress({ kind: 'warning', message: warningText(warning) });
    if (flags.verbose !== undefined)
      for (const line of renderSettings(command, given, connection)) reporter.note(line);
    const limit = given('timeout');
    cancellation.limit(
      limit === undefined && parent !== undefined ? DETACHED_LIMIT_MS : parseDuration(limit, 'none'),
    );
    return await run({ connection, given, runtime, reporter, settings });
  } catch (error) {
    // A driver or stream that was interrupted reports it in its own words; the reason is what the user did.
    throw !(error instanceof DbBackupError) && isCancellation(signal.reason) ? signal.reason : error;
  } finally {
    reporter.pause();
  }
}
