import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules/', 'src/generated/', 'data/', 'coverage/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // Handlers and stores are async by contract, even where one of them has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // Type stripping leaves `import {} from` of an import whose specifiers are types one by one.
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/consistent-type-definitions': 'off',
    },
  },
  {
    // Files of these lanes share a process: what one changes there, the next would meet.
    files: ['test/{unit,app,postgres}/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "CallExpression[callee.object.name='vi'][callee.property.name=/^(mock|doMock|hoisted|spyOn|stub|use|set)/]",
          message: 'A file that mocks, spies or moves timers needs a process of its own: test/processes.',
        },
        {
          selector:
            "AssignmentExpression[left.object.name='process'], AssignmentExpression[left.object.object.name='process']",
          message: 'A file that changes its process needs one of its own: test/processes.',
        },
        {
          selector:
            "CallExpression[callee.object.name='process'][callee.property.name=/^(on|once|chdir|setuid|prependListener)$/]",
          message: 'A file that changes its process needs one of its own: test/processes.',
        },
      ],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/support/command.ts', '**/support/used-installation.ts', '**/support/server-process.ts'],
              message: 'What starts processes, or stands for one, is for test/processes and test/waiting.',
            },
          ],
        },
      ],
    },
  },
);
