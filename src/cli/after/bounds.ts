import { PING_BOUNDS, type PingBounds } from './ping.ts';

/** How long what follows a run may take. */
export interface Bounds {
  readonly ping: PingBounds;
  readonly hookMs: number;
  /** Between SIGTERM and SIGKILL. */
  readonly hookKillMs: number;
  /** For all of it, when a signal ended the run and somebody waits for its end. */
  readonly cancelledMs: number;
}

export const BOUNDS: Bounds = { ping: PING_BOUNDS, hookMs: 60_000, hookKillMs: 2000, cancelledMs: 8000 };
