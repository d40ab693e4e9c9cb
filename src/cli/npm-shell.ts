const LOOK_EVERY_MS = 500;

/**
 * `npx` and `npm run` pass a signal on to the shell in which they run a program, and to nothing else: the shell ends,
 * and the program would go on, unknown to whoever has cancelled it (npm/cli 6684). Under npm the end of that shell
 * counts as the signal.
 *
 * @returns what ends the watch.
 */
export function watchNpmShell(
  env: Readonly<Record<string, string | undefined>>,
  parentPid: () => number,
  onEnd: () => void,
): () => void {
  if (env['npm_command'] === undefined) return () => undefined;
  const shell = parentPid();
  const timer = setInterval(() => {
    if (parentPid() === shell) return;
    clearInterval(timer);
    onEnd();
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
