import { resolveSettings, type ResolvedSettings } from '../core/connection.ts';
import type { Runtime } from '../core/runtime.ts';
import { DbBackupError, isCancellation } from '../model/errors.ts';
import type { CommandName } from '../model/settings.ts';
import { watchCancellation } from './cancellation.ts';
import type { Invocation } from './invocation.ts';
import { askPassword } from './questions.ts';
import { renderSettings } from './render/settings.ts';
import { runtimeOf } from './runtime.ts';
import { parseDuration } from './values/duration.ts';
import { lookup, type Lookup } from './values/given.ts';
import { chooseVoice } from './voices/choose-voice.ts';
import type { Voice } from './voices/voice.ts';

/** What a command that talks to a server has once their settings are resolved. */
export interface LongRun {
  readonly connection: ResolvedSettings['connection'];
  readonly given: Lookup;
  readonly runtime: Runtime;
  readonly voice: Voice;
  /** What should be put right in the settings: told already, but for `doctor`, which makes findings of it. */
  readonly settings: Pick<ResolvedSettings, 'warnings' | 'exposedFiles'>;
}

/**
 * Runs what may take long and talks to a server: with a voice, signals, `--timeout` and resolved settings.
 * Whatever happens, the voice is silent and the signals are given back afterwards.
 */
export async function longRun<T>(
  command: CommandName,
  invocation: Invocation,
  run: (parts: LongRun) => Promise<T>,
): Promise<T> {
  const { context, flags } = invocation;
  const voice = await chooseVoice(context, flags);
  using cancellation = watchCancellation(context.signals, (text) => {
    voice.note(text);
  });
  const { signal } = cancellation;
  try {
    const runtime = runtimeOf(invocation, signal, voice.onProgress);
    const settings = await resolveSettings(flags, runtime, () => askPassword(context, flags, signal));
    const { values, sources, connection } = settings;
    const given = lookup(values, flags, context.env, sources);
    if (command !== 'doctor')
      for (const message of settings.warnings) voice.onProgress({ kind: 'warning', message });
    if (flags.verbose !== undefined)
      for (const line of renderSettings(command, given, connection)) voice.note(line);
    cancellation.limit(parseDuration(given('timeout'), 'none'));
    return await run({ connection, given, runtime, voice, settings });
  } catch (error) {
    // A driver or a stream that was cut off has its own words for it; the reason is what the user did.
    throw !(error instanceof DbBackupError) && isCancellation(signal.reason) ? signal.reason : error;
  } finally {
    voice.rest();
  }
}
