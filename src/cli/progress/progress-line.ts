import type { ProgressEvent } from '../../run/progress.ts';
import { safeText } from '../render/text/safe-text.ts';
import { advance, EMPTY_METER, read, readingText, type Meter } from './meter.ts';
import { stepText } from './progress-reporter.ts';
import type { Beginning } from './progress-reporter.ts';

/** What is known of a running operation, and the line that tells it. */
export interface ProgressLine {
  /** A new operation: forgets the last one. */
  begin(headline: string, options?: Beginning): void;
  /** Takes in `step` and `bytes` events; leaves the others to the reporter. */
  take(event: ProgressEvent, now: Date): void;
  /** `Creating database backup... 42 %, 1.2 GB, 35 MB/s, 1 min 20 s left`. */
  text(): string;
}

export function progressLine(): ProgressLine {
  let headline = '';
  let isOnlyFirst = false;
  let step = '';
  let meter: Meter = EMPTY_METER;
  return {
    begin(newHeadline, { onlyFirst = false } = {}) {
      headline = newHeadline;
      isOnlyFirst = onlyFirst;
      step = '';
      meter = EMPTY_METER;
    },
    take(event, now) {
      if (event.kind === 'bytes') meter = advance(meter, event, now.getTime());
      if (event.kind === 'step') {
        step = event.message;
        meter = EMPTY_METER;
      }
    },
    text() {
      return [
        safeText(isOnlyFirst && step !== '' ? step : stepText(headline, step)),
        readingText(read(meter)),
      ]
        .filter(Boolean)
        .join(' ');
    },
  };
}
