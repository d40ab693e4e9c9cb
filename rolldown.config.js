import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const NOTICE = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;

/** The licenses of what is bundled ask that they go with every copy. */
const licenses = {
  name: 'licenses',
  generateBundle() {
    const folders = new Set([...this.getModuleIds()].map((id) => PACKAGE.exec(id)?.[0]).filter(Boolean));
    const source = [...folders].sort().map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const notices = readdirSync(folder).filter((file) => NOTICE.test(file));
      return [
        `${name} ${version} (${license})`,
        ...notices.map((file) => readFileSync(join(folder, file), 'utf8')),
      ].join('\n\n');
    });
    this.emitFile({
      type: 'asset',
      fileName: 'THIRD-PARTY-LICENSES.txt',
      source: source.join(`\n${'-'.repeat(80)}\n\n`),
    });
  },
};

const COSTLY_BUILTIN =
  /^\s*(?:let|const) (\w+) = require\("(node:(?:child_process|crypto|fs\/promises))"\);$/gm;

/**
 * Parts of Node that most commands never use, and that take longer to load than a `list` takes to run: required when
 * something of them is first used.
 */
const lateBuiltins = {
  name: 'late-builtins',
  late: 0,
  renderChunk: (code) =>
    code.replaceAll(COSTLY_BUILTIN, (line, name, builtin) => {
      if (code.includes(`\n${name} = `)) return line; // a default import, which copies what is in it
      lateBuiltins.late += 1;
      return `const ${name} = new Proxy({}, { get: (_, property) => require("${builtin}")[property] });`;
    }),
  generateBundle() {
    // The pattern goes by how the bundler writes a require.
    if (lateBuiltins.late === 0)
      this.error('late-builtins: the bundle requires none of them as the pattern expects.');
  },
};

/** The command line and what it depends on, as `bin/dbbackup.js` starts it; the library stays in modules. */
export default {
  input: ['dist/cli/main.js', 'dist/cli/process/process-context.js', 'dist/cli/process/ping-child.js'],
  platform: 'node',
  logLevel: 'warn',
  plugins: [licenses, lateBuiltins],
  output: {
    dir: 'dist/program',
    format: 'cjs',
    strict: true, // as modules are
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
  },
};
