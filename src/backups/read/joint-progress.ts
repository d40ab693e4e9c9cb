import type { ProgressEvent } from '../../run/progress.ts';
import type { Runtime } from '../../run/runtime.ts';

/**
 * The progress of two readings, one after the other, told as that of one.
 *
 * @param sizesBytes What each of them has to read.
 * @returns what each of them is to be given.
 */
export function inTurn(
  runtime: Runtime,
  [firstBytes, secondBytes]: readonly [number, number],
): readonly [Runtime, Runtime] {
  const totalBytes = firstBytes + secondBytes;
  const behind = (beforeBytes: number): Runtime => ({
    ...runtime,
    onProgress(event: ProgressEvent) {
      const isBytes = event.kind === 'bytes';
      runtime.onProgress(
        isBytes ? { ...event, doneBytes: beforeBytes + event.doneBytes, totalBytes } : event,
      );
    },
  });
  return [behind(0), behind(firstBytes)];
}
