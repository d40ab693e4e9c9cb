import { readFileSync } from 'node:fs';
import { type Signals, type SignalName, SIGNAL_NAMES } from './context.ts';
import { isRunByNpx, watchParent } from './npx.ts';
import { orElse } from './process-facts.ts';

export function processSignals(env: NodeJS.ProcessEnv): Signals {
  return {
    listen(onSignal) {
      const ignoresHangup = startedByNohup();
      let unwatch = (): void => undefined;
      const listener = (name: NodeJS.Signals): void => {
        if (name === 'SIGHUP' && ignoresHangup) return;
        unwatch(); // npm's shell has had the same signal, which is no second one
        onSignal(name as SignalName);
      };
      for (const name of SIGNAL_NAMES) process.on(name, listener);
      if (!ignoresHangup && isRunByNpx(env, process.ppid)) {
        unwatch = watchParent(
          () => process.ppid,
          () => {
            listener('SIGTERM');
          },
        );
      }
      return () => {
        unwatch();
        for (const name of SIGNAL_NAMES) process.off(name, listener).on(name, endOfItself);
      };
    },
    raise(name) {
      process.off(name, endOfItself);
      process.kill(process.pid, name);
    },
  };
}

/**
 * A signal after the run is over: bin ends the process with the run's exit code, which a death by signal would
 * hide. Should bin not get there, the signal still ends it.
 */
function endOfItself(): void {
  setTimeout(() => process.exit(), LATE_SIGNAL_MS);
}

/** Time for the last output, also on a slow machine. */
const LATE_SIGNAL_MS = 2000;

/**
 * `nohup` asks for SIGHUP to be ignored, and Node forgets that at its start (it resets every signal). What is left
 * to see is the stdin that GNU nohup gives instead of a terminal: /dev/null, opened for writing only.
 */
function startedByNohup(): boolean {
  return orElse(() => {
    const [, flags = '0'] = /^flags:\s*(\d+)/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8')) ?? [];
    const accessMode = Number.parseInt(flags, 8) & 3;
    return accessMode === 1;
  }, false);
}
