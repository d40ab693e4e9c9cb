import { expect, test } from 'vitest';
import { quietReporter } from '../../../../src/cli/progress/quiet-reporter.ts';
import { collector } from '../process/fake-context.ts';

test('says only what is wrong', () => {
  let written = '';
  const voice = quietReporter(collector((text) => (written += text)));
  voice.begin('Creating database backup...');
  voice.onProgress({ kind: 'step', message: 'x' });
  voice.onProgress({ kind: 'detail', message: 'x' });
  voice.onProgress({ kind: 'warning', message: 'logs is MyISAM.' });
  voice.note('x');
  voice.rest();
  voice.resume();
  voice.succeed('x');

  expect(written).toBe('warning: logs is MyISAM.\n');
});

test('fits the terminal', () => {
  let written = '';
  const voice = quietReporter(
    collector((text) => (written += text)),
    30,
  );
  voice.onProgress({ kind: 'warning', message: 'blog: Not in the snapshot: sessions (MyISAM).' });

  expect(written).toBe('warning: blog: Not in the\nsnapshot: sessions (MyISAM).\n');
});
