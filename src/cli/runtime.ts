import type { Runtime } from '../core/runtime.ts';
import type { OnProgress } from '../model/progress.ts';
import type { Invocation } from './invocation.ts';
import { shownCommand } from './shown-command.ts';

/** What core is given of the process. */
export function runtimeOf(
  { context, argv }: Invocation,
  signal: AbortSignal,
  onProgress: OnProgress,
): Runtime {
  const { env, cwd, homeDirectory, userName, userId, hostName, pid, version, program, now, stdin, stdout } =
    context;
  const command = shownCommand(argv, [], program);
  return {
    ...{ env, cwd, homeDirectory, userName, userId, hostName, pid, version, program, now, stdin, stdout },
    ...{ command, signal, onProgress, ownsProcess: true },
  };
}
