import type { Runtime } from '../../run/runtime.ts';
import type { OnProgress } from '../../run/progress.ts';
import type { Invocation } from '../process/invocation.ts';
import { shownCommand } from '../render/shown-command.ts';

/** What core is given of the process. */
export function runtimeOf(
  { context, argv }: Invocation,
  signal: AbortSignal,
  onProgress: OnProgress,
): Runtime {
  const { env, cwd, homeDirectory, userName, userId, hostName, pid, version, program, now, stdin, stdout } =
    context;
  const { busyPatienceMs } = context;
  const command = shownCommand(argv, [], program);
  return {
    ...{ env, cwd, homeDirectory, userName, userId, hostName, pid, version, program, now, stdin, stdout },
    ...{ command, signal, onProgress, ownsProcess: true, busyPatienceMs },
  };
}
