import type { PingFailure } from '../after/post-ping.ts';

/** What the process that pings is told: not as an argument or a variable, for the URL is a secret. */
export interface PingRequest {
  readonly url: string;
  readonly body: string;
}

/** And what it says. */
export interface PingAnswer {
  /** Missing when the monitor has the ping. */
  readonly failure?: PingFailure | undefined;
}
