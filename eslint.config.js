// What the JavaScript is held to: the templates' (CommonJS, run by the framework), AppSync's resolvers and the tests' scripts (modules).
'use strict';

const js = require('@eslint/js');

const RESOLVERS = ['frontend-api/resolvers/*.js'];
const given = (...names) => Object.fromEntries(names.map((name) => [name, 'readonly']));

module.exports = [
  { ignores: ['build/', '**/.*/'] },
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
  { files: ['**/*.mjs'], languageOptions: { globals: given('console', 'process') } },
  // Run by AppSync, which knows nothing of Node.
  { files: RESOLVERS, languageOptions: { sourceType: 'module' } },
];
