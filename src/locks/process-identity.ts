/** One process of one boot of one host: enough to prove later that it is gone, and never to mistake another for it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in the unit of the platform (Linux: clock ticks since boot); tells a reused pid. */
  readonly startTime: string;
  /** Changes at every boot. */
  readonly bootId: string;
  /** Pids mean nothing outside of their namespace. Empty where the platform has none. */
  readonly pidNamespace: string;
  readonly host: string;
  readonly user: string;
}
