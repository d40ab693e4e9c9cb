/** The command line and what it depends on, as `bin/dbbackup.js` starts it; the library stays in modules. */
export default {
  input: ['dist/cli/main.js', 'dist/cli/process/process-context.js'],
  platform: 'node',
  logLevel: 'warn',
  output: {
    dir: 'dist/program',
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
  },
};
