import { commandText, type CommandHere } from '../run/further-command.ts';

/** Of the commands in hints, those that take flags of a server. */
const OF_SERVER: ReadonlySet<string> = new Set(['create', 'restore', 'verify']);

/**
 * Makes the commands in hints.
 *
 * @param sameServer Flags for the same backup directory and server.
 */
export function hintedCommands(
  { directory, sameServer }: { readonly directory: string; readonly sameServer: readonly string[] },
  program: string,
): CommandHere {
  return (command, operands, options = []) => {
    const place = OF_SERVER.has(command) ? sameServer : ['--dir', directory];
    const further = command === 'verify' ? withoutSuffix(place) : place;
    return commandText(command, operands, [...options, ...further], program);
  };
}

/** A profile may hold the ping of the nightly run: a check by hand must not tell its monitor that all is well. */
function withoutSuffix(flags: readonly string[]): readonly string[] {
  const at = flags.indexOf('--defaults-group-suffix');
  return at < 0 ? flags : flags.toSpliced(at, 2);
}
