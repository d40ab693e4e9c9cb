import type { Context } from './process/context.ts';

/**
 * Runs one command line and returns the exit code. The only place where failures become text or JSON.
 *
 * What a command needs is loaded when it runs; `--version` loads nothing.
 *
 * @param argv What stands after `dbbackup`.
 */
export async function main(argv: readonly string[], context: Context): Promise<number> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    context.stdout.write(`${context.version}\n`);
    return 0;
  }
  try {
    return await run(argv, context);
  } catch (error) {
    context.detachedParent?.tell({
      kind: 'failed',
      ...(await import('./render/failure.ts')).failureFields(error),
    });
    const { reportFailure } = await import('./report-failure.ts');
    return reportFailure(error, argv, context);
  }
}

async function run(argv: readonly string[], context: Context): Promise<number> {
  const [{ parseCommandLine }, { COMMANDS }, { printText }] = await Promise.all([
    import('./arguments/parse-command-line.ts'),
    import('./commands/command-table.ts'),
    import('./print-text.ts'),
  ]);
  const parsed = parseCommandLine(argv, context.columns || 80);
  if (parsed.kind !== 'run') return printText(parsed, argv, context);
  const runCommand = await COMMANDS[parsed.command].load();
  return runCommand({ operands: parsed.operands, flags: parsed.flags, argv, context });
}
