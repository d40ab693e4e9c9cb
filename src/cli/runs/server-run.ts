import type { OnProgress } from '../../run/progress.ts';
import { warningText } from '../../run/warning.ts';
import {
  resolveSettings,
  type PlainSettings,
  type ResolvedSettings,
} from '../../settings/resolve-settings.ts';
import { resolveLocalSettings } from '../../settings/resolve-local-settings.ts';
import type { Runtime } from '../../run/runtime.ts';
import { DbBackupError, isCancellation } from '../../run/errors.ts';
import type { CommandName } from '../../settings/table/setting.ts';
import type { FlagValues } from '../../settings/table/settings-table.ts';
import type { followRun } from '../after/after-run.ts';
import { watchCancellation } from '../terminal/cancellation.ts';
import type { Invocation } from '../process/invocation.ts';
import { askPassword } from '../terminal/questions.ts';
import { renderSettings } from '../render/settings.ts';
import { tellMetrics } from './metrics-file.ts';
import { followedBy, isFollowed } from './followed.ts';
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
  const resolve: Resolve<ResolvedSettings> = (given, runtime, onPlain) =>
    resolveSettings(
      given,
      runtime,
      () => context.detachedParent?.askPassword() ?? askPassword(context, flags, runtime.signal),
      onPlain,
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
  const resolve: Resolve<Resolved<undefined>> = async (flags, runtime, onPlain) => {
    const plain = await resolveLocalSettings(flags, runtime);
    await onPlain(plain);
    return { ...plain, connection: undefined, warnings: [], exposedFiles: [], sameServer: [] };
  };
  return withReporter(command, invocation, resolve, run);
}

interface Resolved<C> extends Pick<
  ResolvedSettings,
  'values' | 'sources' | 'warnings' | 'exposedFiles' | 'sameServer'
> {
  readonly connection: C;
}

type Resolve<R> = (
  flags: FlagValues,
  runtime: Runtime,
  /** Told of all settings but those of the connection, before that is resolved. */
  onPlain: (plain: PlainSettings) => Promise<void>,
) => Promise<R>;

async function withReporter<C extends ResolvedSettings['connection'] | undefined, T>(
  command: CommandName,
  invocation: Invocation,
  resolve: Resolve<Resolved<C>>,
  run: (parts: LocalRun & { readonly connection: C }) => Promise<T>,
): Promise<T> {
  const { context, report } = invocation;
  const { detachedParent: parent } = context;
  const reporter =
    parent === undefined ? await chooseReporter(context, invocation.flags) : detachedReporter(parent);
  const cancellation = watchCancellation(context.signals, (text) => {
    reporter.note(text);
  });
  const { signal, hurry } = cancellation;
  const onProgress: OnProgress = (event) => {
    report.take(event);
    reporter.onProgress(event);
  };
  try {
    const flags = { ...invocation.flags, ...(await parent?.askFlags()) };
    const runtime = runtimeOf(invocation, signal, onProgress);
    const lookupIn = ({ values, sources }: PlainSettings): Lookup =>
      lookup(values, flags, context.env, sources);
    const settings = await resolve(flags, runtime, async (plain) => {
      const given = followedBy(command, lookupIn(plain), context.env);
      if (isFollowed(given)) await follow(command, given, report, { context, reporter, hurry });
    });
    const given = lookupIn(settings);
    if (command !== 'doctor')
      for (const warning of settings.warnings)
        reporter.onProgress({ kind: 'warning', message: warningText(warning) });
    if (flags.verbose !== undefined)
      for (const line of renderSettings(command, given, settings.connection)) reporter.note(line);
    const limit = given('timeout');
    cancellation.limit(
      limit === undefined && parent !== undefined ? DETACHED_LIMIT_MS : parseDuration(limit, 'none'),
    );
    try {
      return await run({ connection: settings.connection, given, runtime, reporter, settings });
    } finally {
      await tellMetrics(command, { given, runtime, reporter });
    }
  } catch (error) {
    // A driver or stream that was interrupted reports it in its own words; the reason is what the user did.
    throw !(error instanceof DbBackupError) && isCancellation(signal.reason) ? signal.reason : error;
  } finally {
    reporter.pause();
    cancellation.limit(undefined);
    report.hold(cancellation);
  }
}

/** Most runs need nothing of it. */
async function follow(...parts: Parameters<typeof followRun>): Promise<void> {
  const { followRun } = await import('../after/after-run.ts');
  followRun(...parts);
}
