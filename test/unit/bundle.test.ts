import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../harness/build.ts';

interface LatePlugin {
  readonly name: string;
  renderChunk(code: string): string;
  generateBundle(this: { error(message: string): never }): void;
}

test('what costs time to load is required late, and a build in which nothing is fails', async () => {
  const { default: config } = (await import(join(REPOSITORY, 'rolldown.config.js'))) as {
    default: { plugins: readonly LatePlugin[] };
  };
  const plugin = config.plugins.find(({ name }) => name === 'late-builtins')!;
  const generate = (): void => {
    plugin.generateBundle.call({
      error(message) {
        throw new Error(message);
      },
    });
  };

  expect(plugin.renderChunk('const c = await import("node:crypto");')).toBe(
    'const c = await import("node:crypto");',
  );
  expect(generate).toThrow('late-builtins: ');

  expect(plugin.renderChunk('let node_crypto = require("node:crypto");')).toBe(
    'const node_crypto = new Proxy({}, { get: (_, property) => require("node:crypto")[property] });',
  );
  expect(generate).not.toThrow();
});
