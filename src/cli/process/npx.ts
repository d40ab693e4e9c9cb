import { readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 500;
const SHELLS = /^(?:ba|da|z|k)?sh$/;

/**
 * Whether `npx` runs this program: npm starts a shell, and that the program.
 *
 * npx passes a signal on to that shell and to nothing else: the shell ends, and the program would keep running
 * without the user knowing (npm/cli 6684). So for what npx runs, the end of the shell counts as a signal. Scripts
 * of `npm run` are left alone: what they start in the background is meant to outlive their shell.
 */
export function isRunByNpx(env: Readonly<Record<string, string | undefined>>, parentPid: number): boolean {
  // Inherited by everything that npx starts.
  if (env['npm_command'] !== 'exec') return false;
  const [name, grandparent] = readStat(parentPid);
  return SHELLS.test(name) && /^np[mx]\b/.test(readStat(grandparent)[0]);
}

/** @returns what ends the watch. */
export function watchParent(parentPid: () => number, onEnd: () => void): () => void {
  const parent = parentPid();
  const timer = setInterval(() => {
    if (parentPid() === parent) return;
    clearInterval(timer);
    onEnd();
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

/** Name and parent of a process. Where there is no /proc, nothing is known. */
function readStat(pid: number): readonly [name: string, parent: number] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [, name = '', parent = '0'] = /^\d+ \((.*)\) \S (\d+) /s.exec(stat) ?? [];
    return [name, Number(parent)];
  } catch {
    return ['', 0];
  }
}
