import { DbBackupError } from '../../run/errors.ts';
import type { Invocation } from '../process/invocation.ts';
import { printResult } from '../render/print-result.ts';
import { jsonDocument } from '../render/text/json.ts';
import { safeText } from '../render/text/safe-text.ts';
import { SCRIPTS } from './scripts.ts';
import { SHELLS } from './value-kind.ts';

/** `dbbackup completion`: the script that has a shell complete our command lines. */
export async function completion({ operands, flags, context }: Invocation): Promise<number> {
  const [name = ''] = operands;
  const shell = SHELLS.find((each) => each === name);
  if (shell === undefined || operands.length > 1) {
    throw new DbBackupError(
      'usage',
      shell === undefined
        ? `There is no completion for ${safeText(name)}.`
        : 'One shell at a time can be given.',
      { hint: `there are: ${SHELLS.join(', ')}` },
    );
  }
  const script = SCRIPTS[shell];
  await printResult(
    context.stdout,
    flags.json === undefined ? script : jsonDocument('completion', 0, { shell, script }),
  );
  return 0;
}
