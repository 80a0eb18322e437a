import tseslint from 'typescript-eslint';

const onlyInProcesses = 'What changes its process, spies or moves timers, and takes that back, is for test/processes.';

/** `process` and `globalThis` are those of all files that share the worker. */
const changesOfProcess = [
  "CallExpression[callee.object.name='vi'][callee.property.name=/^(mock|doMock|hoisted|spyOn|stub|use|set)/]",
  "CallExpression[callee.object.name='process'][callee.property.name=/^(on|once|addListener|chdir|setuid|umask|prependListener)$/]",
  "CallExpression[callee.object.name='Object'][callee.property.name='assign'][arguments.0.name='process']",
  'AssignmentExpression[left.object.name=/^(process|globalThis)$/]',
  "AssignmentExpression[left.object.object.name='process']",
  "UnaryExpression[operator='delete'] > MemberExpression[object.object.name='process']",
].map((selector) => ({ selector, message: onlyInProcesses }));

const mocks = {
  selector: "CallExpression[callee.object.name='vi'][callee.property.name=/^(mock|doMock|hoisted)$/]",
  message: 'No mocks of our own modules: the other files of the worker would get them, too.',
};

const skipped = {
  selector: 'MemberExpression[property.name=/^(skip|skipIf|runIf|todo|only)$/][object.name=/^(it|test|describe)$/]',
  message: 'A test always runs: what it needs is there, or it fails and says what is missing.',
};

/** What starts servers or commands, or stands for one. */
const processSupport = [
  ...['command', 'process', 'server', 'server-process', 'used-installation', 'workers', 'browser', 'nginx'],
  ...['crashes/*', 'rotations/*', 'keys/race', 'postgres/replicas'],
].map((name) => `**/support/${name}.ts`);

const onlyByTerminal =
  'What people read is printed by src/terminal.ts, which does nothing that the database, or anybody else, has put into it.';

/** However somebody comes by the stream. That of a progress bar is handed on, which is no write of ours. */
const writesToTerminal = [
  '[callee.object.property.name=/^std(out|err)$/]',
  '[callee.object.name=/^std(out|err)$/]',
].map((stream) => ({
  selector: `CallExpression[callee.property.name=/^(write|end)$/]${stream}`,
  message: onlyByTerminal,
}));

const seeded = { name: 'fast-check', message: 'test/support/property.ts fixes the seed.' };

export default tseslint.config(
  { ignores: ['node_modules/', 'src/generated/', 'data/', 'coverage/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: true } },
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
    // The programs of bench/ and test/ print what they have measured themselves; the log is written by pino (src/telemetry/).
    files: ['{src,scripts}/**/*.ts'],
    ignores: ['src/terminal.ts'],
    rules: { 'no-console': 'error', 'no-restricted-syntax': ['error', ...writesToTerminal] },
  },
  {
    files: ['test/**/*.ts'],
    ignores: ['test/support/property.ts'],
    rules: { 'no-restricted-imports': ['error', { paths: [seeded] }] },
  },
  { files: ['test/**/*.ts'], rules: { 'no-restricted-syntax': ['error', mocks, skipped] } },
  {
    // Files of one worker share its process: what one file changes, the next one meets. (One of `waiting` has its own.)
    files: ['test/{unit,app,postgres,waiting}/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...changesOfProcess, skipped] },
  },
  {
    files: ['test/{unit,app,postgres}/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [seeded],
          patterns: [
            { group: processSupport, message: 'What starts processes is for test/processes and test/waiting.' },
          ],
        },
      ],
    },
  },
);
