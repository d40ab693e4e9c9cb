import { RunReport, type RunEnd } from './after/run-report.ts';
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
  if (argv[0] === '__complete') {
    return (await import('./completion/answer.ts')).answerShell(argv.slice(1), context);
  }
  const report = new RunReport();
  const end = await runReported(argv, context, report);
  await report.end(end);
  return end.exitCode;
}

async function runReported(argv: readonly string[], context: Context, report: RunReport): Promise<RunEnd> {
  try {
    return { exitCode: await run(argv, context, report), failure: undefined };
  } catch (error) {
    context.detachedParent?.tell({
      kind: 'failed',
      ...(await import('./render/failure.ts')).failureFields(error),
    });
    const { reportFailure } = await import('./report-failure.ts');
    return { exitCode: await reportFailure(error, argv, context), failure: error };
  }
}

async function run(argv: readonly string[], context: Context, report: RunReport): Promise<number> {
  const [{ parseCommandLine }, { COMMANDS }, { printText }] = await Promise.all([
    import('./arguments/parse-command-line.ts'),
    import('./commands/command-table.ts'),
    import('./print-text.ts'),
  ]);
  const parsed = parseCommandLine(argv, context.columns || 80);
  if (parsed.kind !== 'run') return printText(parsed, argv, context);
  const runCommand = await COMMANDS[parsed.command].load();
  return runCommand({ operands: parsed.operands, flags: parsed.flags, argv, context, report });
}
