import { PERIOD_RULES } from '../../../prune/periods.ts';
import { DEFAULT_SAFETY, type Policy } from '../../../prune/policy.ts';
import { isOn, type Lookup } from '../../../settings/values/given-text.ts';
import { parseKeepCount, parseSpan } from '../../../settings/values/retention/keep-rules.ts';

/** The keep rules that are given, as flags or in the configuration. Pure. @throws {DbBackupError} `usage`. */
export function keepPolicy(given: Lookup): Policy {
  const counts = PERIOD_RULES.flatMap((rule) => {
    const count = given(`keep-${rule}`);
    return count === undefined ? [] : [[rule, parseKeepCount(count)] as const];
  });
  const within = given('keep-within');
  const safety = given('keep-safety');
  return {
    counts: Object.fromEntries(counts),
    within: within && parseSpan(within),
    safety: safety === undefined ? DEFAULT_SAFETY : parseSpan(safety),
    requiresCopy: isOn(given('require-copy')),
  };
}
