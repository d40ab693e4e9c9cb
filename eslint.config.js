import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

function banned(...patterns) {
  return { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] };
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

  {
    files: ['bin/**'],
    languageOptions: { sourceType: 'commonjs', globals: { ...nodeGlobals, require: 'readonly' } },
  },

  // Which room may import which is in test/unit/architecture.test.ts.
  {
    files: ['src/sql/**'],
    rules: banned({ regex: '^[^.]', message: 'sql is pure: no packages, no node: modules' }),
  },
  {
    files: ['src/{create,prune,restore,verify,doctor,contents,health}/**'],
    rules: banned({
      regex: '^((node:)?(fs|net|child_process)|mysql2|execa)(/|$)',
      message: 'a story asks the rooms below it: files, server, programs',
    }),
  },
  {
    files: ['src/**'],
    ignores: ['src/cli/process/**'],
    rules: {
      'no-console': 'error',
      'no-restricted-globals': [
        'error',
        {
          name: 'process',
          message: 'only src/cli/process touches the process',
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
