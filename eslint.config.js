import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Files of `name` may import no path that matches one of these patterns. */
function layer(name, ...patterns) {
  return {
    files: [`src/${name}/**`],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
  };
}

const nodeGlobals = Object.fromEntries(
  ['process', 'console', 'Buffer', 'URL', 'setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'].map(
    (name) => [name, 'readonly'],
  ),
);

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'backups/']),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `await using _lock` holds something without naming it.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },

  // bin → cli → core → adapters → model: arrows never point back.
  layer('cli', { regex: '/adapters/', message: 'commands talk to core only' }),
  layer('core', {
    regex: '/cli/',
    message: 'core does not know who called it: return a value or emit a ProgressEvent',
  }),
  layer('adapters', {
    regex: '/(cli|core)/',
    message: 'an adapter knows one outside thing, never the story',
  }),
  layer(
    'model',
    { regex: '^[^.]', message: 'model is pure: no packages, no node: modules' },
    { regex: '/(cli|core|adapters)/', message: 'model imports only model' },
  ),
  {
    files: ['src/**'],
    ignores: ['src/cli/process-context.ts', 'src/cli/detached-parent.ts', 'src/cli/start-detached.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-globals': [
        'error',
        {
          name: 'process',
          message: 'only process-context.ts, detached-parent.ts and start-detached.ts touch the process',
        },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: ['node:process', 'process'].map((name) => ({
            name,
            allowImportNames: ['kill'],
            message: 'what a run knows of itself it takes from the Runtime',
          })),
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'NewExpression[callee.name="Date"][arguments.length=0], MemberExpression[object.name="Date"][property.name="now"]',
          message: 'take `now` as an argument',
        },
      ],
    },
  },
  {
    files: ['bin/**', 'test/**/*.js', '*.config.js'],
    languageOptions: { globals: nodeGlobals },
  },
  {
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off', // expect.stringContaining() is `any`
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off', // a test that is wrong there fails loudly
    },
  },
);
