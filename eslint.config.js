// What the JavaScript is held to: the templates' (CommonJS, run by the framework), AppSync's resolvers, the tests' scripts (modules) and
// the reference app (TypeScript).
'use strict';

const js = require('@eslint/js');
const reactHooks = require('eslint-plugin-react-hooks');
const typescript = require('typescript-eslint');

const APP = ['clients/web/src/**/*.ts', 'clients/web/src/**/*.tsx'];
const RESOLVERS = ['frontend-api/resolvers/*.js'];
const given = (...names) => Object.fromEntries(names.map((name) => [name, 'readonly']));

module.exports = [
  { ignores: ['build/', '**/.*/', 'clients/web/src/**/generated.ts'] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', 400],
      'max-lines-per-function': ['error', 60],
      'no-shadow': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.js'],
    ignores: RESOLVERS,
    languageOptions: { sourceType: 'commonjs', globals: given('Buffer', 'URL', '__dirname', 'console', 'process', 'setTimeout') },
    rules: { strict: ['error', 'global'] },
  },
  { files: ['**/*.mjs'], languageOptions: { globals: given('URL', 'console', 'process') } },
  ...typescript.configs.strictTypeChecked.map((config) => ({ ...config, files: APP })),
  {
    files: APP,
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      'no-shadow': 'off',
      '@typescript-eslint/no-shadow': 'error',
      // Money and odds are never floats.
      'no-restricted-globals': ['error', 'parseFloat'],
      'no-restricted-properties': ['error', { property: 'toFixed', message: 'Amounts are cents (src/money.ts), odds are exact (src/odds.ts).' }],
    },
  },
  // Run by AppSync, which knows nothing of Node.
  { files: RESOLVERS, languageOptions: { sourceType: 'module' } },
];
