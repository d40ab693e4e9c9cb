import type { Check } from '../check.ts';
import { age } from './age.ts';
import { copies } from './copies.ts';
import { damage } from './damage.ts';
import { halfFilled } from './half-filled.ts';
import { interruptedRestores } from './interrupted-restores.ts';
import { leftOut } from './left-out.ts';
import { lastRun } from './last-run.ts';
import { leftovers } from './leftovers.ts';
import { readable } from './readable.ts';
import { rehearsal } from './rehearsal.ts';
import { server } from './server.ts';
import { size } from './size.ts';
import { space } from './space.ts';
import { verification } from './verification.ts';

/** Every check, in the order in which they are told. */
export const CHECKS: readonly Check[] = [
  ...[readable, server, age, size, leftOut, lastRun, damage, verification, rehearsal, copies],
  ...[interruptedRestores, halfFilled, leftovers, space],
];
