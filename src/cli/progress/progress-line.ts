import type { Part, ProgressEvent } from '../../run/progress.ts';
import { safeText } from '../render/text/safe-text.ts';
import { advance, EMPTY_METER, read, readingText, type Meter, type Reading } from './meter.ts';
import { stepText } from './progress-reporter.ts';
import type { Beginning } from './progress-reporter.ts';

/** What is known of a running operation, and the line that tells it. */
export interface ProgressLine {
  /** A new operation: forgets the last one. */
  begin(headline: string, options?: Beginning): void;
  /** Takes in `step` and `bytes` events; leaves the others to the reporter. */
  take(event: ProgressEvent, now: Date): void;
  /** `Restoring database from backup... 1/4 42 %, 1.2 GB, 35 MB/s, 1 min 20 s left`. */
  text(): string;
}

export function progressLine(): ProgressLine {
  let headline = '';
  let isOnlyFirst = false;
  let step = '';
  let part: Part | undefined;
  let meter: Meter = EMPTY_METER;
  return {
    begin(newHeadline, { onlyFirst = false } = {}) {
      headline = newHeadline;
      isOnlyFirst = onlyFirst;
      step = '';
      part = undefined;
      meter = EMPTY_METER;
    },
    take(event, now) {
      if (event.kind === 'bytes') meter = advance(meter, event, now.getTime());
      if (event.kind === 'step') {
        step = event.message;
        part = event.part;
        meter = EMPTY_METER;
      }
    },
    text() {
      const text = isOnlyFirst && step !== '' ? step : stepText(headline, step);
      return [safeText(withPart(text, headline, part)), readingText(ofAll(read(meter), part))]
        .filter(Boolean)
        .join(' ');
    },
  };
}

/** `Restoring database from backup... 2/4 Checking…`: behind the headline, with which some lines begin. */
function withPart(text: string, headline: string, part: Part | undefined): string {
  if (part === undefined) return text;
  const number = ` ${part.number}/${part.of}`;
  return text.startsWith(headline) ? headline + number + text.slice(headline.length) : text + number;
}

/** The time that is left of all parts, where it is known. */
function ofAll(reading: Reading, part: Part | undefined): Reading {
  if (part === undefined || reading.leftMs === undefined) return reading;
  const { laterMs } = part;
  return { ...reading, leftMs: laterMs === undefined ? undefined : reading.leftMs + laterMs };
}
