import type { Flavour } from '../server/connect/flavour.ts';
import { isOlder } from '../server/connect/version.ts';

interface Maker {
  readonly flavour: Flavour;
  readonly version: string;
}

/** Whether a client program matches the server. Patch releases make no difference. */
export function judgeProgram(program: Maker, server: Maker): 'fits' | 'other-flavour' | 'older' {
  if (program.flavour !== server.flavour) return 'other-flavour';
  return isOlder(release(program.version), release(server.version)) ? 'older' : 'fits';
}

/** `11.8.6-MariaDB` → `11.8`. */
function release(version: string): string {
  return /\d+\.\d+/.exec(version)?.[0] ?? version;
}
