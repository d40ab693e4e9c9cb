import { expect, test } from 'vitest';
import { quietReporter } from '../../../../src/cli/progress/quiet-reporter.ts';
import { collector } from '../process/fake-context.ts';

test('says only what is wrong', () => {
  let written = '';
  const reporter = quietReporter(collector((text) => (written += text)));
  reporter.begin('Creating database backup...');
  reporter.onProgress({ kind: 'step', message: 'x' });
  reporter.onProgress({ kind: 'detail', message: 'x' });
  reporter.onProgress({ kind: 'warning', message: 'logs is MyISAM.' });
  reporter.note('x');
  reporter.pause();
  reporter.resume();
  reporter.succeed('x');

  expect(written).toBe('warning: logs is MyISAM.\n');
});

test('fits the terminal', () => {
  let written = '';
  const reporter = quietReporter(
    collector((text) => (written += text)),
    30,
  );
  reporter.onProgress({ kind: 'warning', message: 'blog: Not in the snapshot: sessions (MyISAM).' });

  expect(written).toBe('warning: blog: Not in the\nsnapshot: sessions (MyISAM).\n');
});
