import { examine } from '../../doctor/doctor.ts';
import type { Invocation } from '../process/invocation.ts';
import { serverRun } from '../runs/server-run.ts';
import { exitCodeOfFindings, findingsDocument, renderFindings } from '../render/findings.ts';
import { renderSchedule } from '../render/schedule.ts';
import { choosePaint, wantsColor } from '../render/text/paint.ts';
import { wrapped } from '../render/text/wrap.ts';
import { nightOf } from '../schedule/night.ts';
import { scheduleOf } from '../schedule/schedule.ts';
import { printResult, widthOf } from '../render/print-result.ts';
import { chooseCompression } from '../../settings/values/compression.ts';
import { parseDatabaseNames } from '../../settings/values/database-names.ts';
import { parseDirectory } from '../../settings/values/destination.ts';

/** `dbbackup doctor`: checks the setup and suggests fixes; it changes nothing. */
export async function doctor(invocation: Invocation): Promise<number> {
  const { context, flags, operands } = invocation;
  const { cwd, isTty, stdout, env, nodeVersion } = context;
  return serverRun(
    'doctor',
    invocation,
    async ({ connection, given, runtime, reporter, settings, sameServer }) => {
      const named = parseDatabaseNames(operands);
      const databases =
        named.length === 0 && connection.database !== undefined ? [connection.database] : named;
      const directory = parseDirectory(given('dir'), cwd);
      const compression = chooseCompression(given('compress'), { kind: 'directory' });
      reporter.begin('Checking this machine and the server...');
      const findings = await examine(
        { connection, directory, databases, compression, nodeVersion, settings, sameServer },
        runtime,
      );
      reporter.pause();
      const paint = await choosePaint(wantsColor(isTty.stdout, flags, env));
      const text = renderFindings(findings, paint, {
        quiet: flags.quiet !== undefined,
        width: widthOf(context),
      });
      const schedule = scheduleOf(
        await nightOf({ databases: named, given, sameServer, sources: connection.sources }, context),
      );
      const below = flags.quiet === undefined ? `\n${renderSchedule(schedule, paint)}` : '';
      await printResult(
        stdout,
        flags.json === undefined
          ? wrapped(text, widthOf(context)) + below // whose lines are to be copied
          : findingsDocument(findings, schedule),
      );
      return exitCodeOfFindings(findings);
    },
  );
}
