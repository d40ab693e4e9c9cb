import { durationText, percentOf, sizeText } from '../render/text/quantities.ts';

/** What was counted lately, to tell rate and time left. Immutable: see `advance()`. */
export interface Meter {
  /** Oldest first, of the last ten seconds, plus the one before. */
  readonly samples: readonly Sample[];
  readonly totalBytes: number | undefined;
}

interface Sample {
  readonly atMs: number;
  readonly doneBytes: number;
}

export interface Reading {
  readonly doneBytes: number;
  readonly percent: number | undefined;
  readonly bytesPerSecond: number | undefined;
  readonly leftMs: number | undefined;
}

export const EMPTY_METER: Meter = { samples: [], totalBytes: undefined };

/** Long enough that a slow table does not make the rate jump, short enough to follow the load. */
const WINDOW_MS = 10_000;

/** A rate over less than this would be noise. */
const SHORTEST_MS = 500;

/** Samples that are nearer replace each other, so that their number stays small at any event rate. */
const NEAR_MS = 250;

/** The meter after one more count. A count below the last begins anew: another file. */
export function advance(
  meter: Meter,
  count: { readonly doneBytes: number; readonly totalBytes: number | undefined },
  atMs: number,
): Meter {
  const sample = { atMs, doneBytes: count.doneBytes };
  const { samples } = meter;
  const last = samples.at(-1);
  if (last === undefined || count.doneBytes < last.doneBytes) {
    return { samples: [sample], totalBytes: count.totalBytes };
  }
  const beforeLast = samples.at(-2);
  const isNear = beforeLast !== undefined && atMs - beforeLast.atMs < NEAR_MS;
  const kept = isNear ? samples.slice(0, -1) : samples;
  const firstInside = kept.findIndex(({ atMs: at }) => at >= atMs - WINDOW_MS);
  const start = firstInside === -1 ? kept.length - 1 : Math.max(0, firstInside - 1);
  return { samples: [...kept.slice(start), sample], totalBytes: count.totalBytes };
}

export function read({ samples, totalBytes }: Meter): Reading {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined) {
    return { doneBytes: 0, percent: undefined, bytesPerSecond: undefined, leftMs: undefined };
  }
  const elapsedMs = last.atMs - first.atMs;
  const rate = elapsedMs < SHORTEST_MS ? undefined : ((last.doneBytes - first.doneBytes) * 1000) / elapsedMs;
  const leftBytes = (totalBytes ?? 0) - last.doneBytes;
  return {
    doneBytes: last.doneBytes,
    percent: percentOf(last.doneBytes, totalBytes),
    bytesPerSecond: rate,
    leftMs: rate === undefined || rate <= 0 || leftBytes <= 0 ? undefined : (leftBytes * 1000) / rate,
  };
}

/** `42 %, 1.2 GB, 35 MB/s, 1 min 20 s left`; empty while nothing was counted. */
export function readingText({ doneBytes, percent, bytesPerSecond, leftMs }: Reading): string {
  if (doneBytes === 0) return '';
  return [
    ...(percent === undefined ? [] : [`${percent} %`]),
    sizeText(doneBytes),
    ...(bytesPerSecond === undefined ? [] : [`${sizeText(Math.round(bytesPerSecond))}/s`]),
    ...(leftMs === undefined ? [] : [`${durationText(Math.max(1000, leftMs))} left`]),
  ].join(', ');
}
