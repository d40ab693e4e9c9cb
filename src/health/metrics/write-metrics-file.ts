import { replaceShared } from '../../files/durable-file.ts';
import type { Runtime } from '../../run/runtime.ts';
import { readHistory } from '../history/read-history.ts';
import { renderExposition } from './exposition.ts';
import { metricsOf } from './metrics-of-history.ts';

/**
 * Writes the metrics of a backup directory, for the textfile collector of node_exporter.
 *
 * Of several runs that end at once, the last one to write must not leave out what another has done: each reads the
 * records again after it has written, and writes again what has changed meanwhile.
 *
 * @param path Absolute.
 * @throws {DbBackupError} `no-space` when it cannot be written, or the backup directory cannot be read.
 */
export async function writeMetricsFile(path: string, directory: string, runtime: Runtime): Promise<void> {
  let written: string | undefined;
  for (;;) {
    const text = await readMetrics(directory, runtime);
    if (text === written) return;
    await replaceShared(path, text, runtime);
    written = text;
  }
}

async function readMetrics(directory: string, runtime: Runtime): Promise<string> {
  return renderExposition(metricsOf(await readHistory({ directory, databases: [] }, runtime)));
}
