import { describe, expect, onTestFinished, test } from 'vitest';
import { parseCommandLine } from '../../../../src/cli/arguments/parse-command-line.ts';

const parse = (...argv: string[]) => parseCommandLine(argv, 80);

describe('parseCommandLine', () => {
  test('gives the command, its operands, and only the flags that were typed', () => {
    expect(parse('create', 'shop', 'blog', '--label', 'nightly', '-A')).toEqual({
      kind: 'run',
      command: 'create',
      operands: ['shop', 'blog'],
      flags: { label: 'nightly', 'all-databases': true },
    });
  });

  test.each([
    { argv: ['--json', 'list'], flags: { json: true } },
    { argv: ['list', '--json'], flags: { json: true } },
    { argv: ['--dir', '/a', 'list', '-q'], flags: { dir: '/a', quiet: true } },
    { argv: ['list', '--no-color', '--no-input'], flags: { 'no-color': true, 'no-input': true } },
    { argv: ['restore', 'x', '--no-safety-backup'], flags: { 'no-safety-backup': true } },
    {
      argv: ['create', '-Hdb', '-P', '3307', '-uroot', '-p'],
      flags: { host: 'db', port: '3307', user: 'root', 'ask-password': true },
    },
    { argv: ['create', '--output', '-'], flags: { output: '-' } },
  ])('reads $argv', ({ argv, flags }) => {
    expect(parse(...argv)).toMatchObject({ kind: 'run', flags });
  });

  test('takes a name that looks like an option only after --', () => {
    expect(parse('create', '--', '-x')).toMatchObject({ operands: ['-x'] });
    expect(() => parse('create', '-x')).toThrow('Unknown option -x.');
  });

  test('takes - as an operand', () => {
    expect(parse('restore', '-', '--to', 'shop')).toMatchObject({ operands: ['-'], flags: { to: 'shop' } });
  });

  test.each([
    { argv: ['crate'], message: "Unknown command 'crate'.", hint: 'did you mean create?' },
    { argv: ['backup', 'shop'], message: "Unknown command 'backup'.", hint: 'did you mean create?' },
    { argv: ['ls'], message: "Unknown command 'ls'.", hint: 'did you mean list?' },
    {
      argv: ['enlarge'],
      message: "Unknown command 'enlarge'.",
      hint: "run 'dbbackup --help' for the commands and options",
    },
    {
      argv: ['shop', 'create'],
      message: "Unknown command 'shop'.",
      hint: 'the command comes first: dbbackup create …',
    },
    ...['-y', '--yes', '-f', '--force'].map((flag) => ({
      argv: ['restore', 'latest', flag],
      message: `Unknown option ${flag}.`,
      hint: expect.stringContaining('--confirm <database>'),
    })),
    { argv: ['create', '--lable', 'x'], message: 'Unknown option --lable.', hint: 'did you mean --label?' },
    {
      argv: ['create', '--passwd=secret'],
      message: 'Unknown option --passwd.',
      hint: 'dbbackup create --help',
    },
    ...['-S', '--socket=/run/s.sock', '-ubackup'].map((flag) => ({
      argv: ['list', flag],
      message: expect.stringMatching(/^Unknown option -{1,2}[a-zS]+\.$/),
      hint: 'leave it out: list needs no server',
    })),
    {
      argv: ['verify', '--label', 'x'],
      message: 'Unknown option --label.',
      hint: 'it is an option of create, list, health; see dbbackup verify --help',
    },
    { argv: ['create', '-xsecret'], message: 'Unknown option -x.', hint: 'dbbackup create --help' },
    {
      argv: ['-H', 'db', 'create'],
      message: 'Unknown option -H.',
      hint: expect.stringContaining('after it'),
    },
    {
      argv: ['status', 'a', 'b'],
      message: expect.stringContaining('Too many arguments'),
      hint: 'dbbackup status --help',
    },
    {
      argv: ['create', '--host'],
      message: expect.stringContaining('--host'),
      hint: 'dbbackup create --help',
    },
    ...[
      { argv: ['create', 'shop', '-h', '127.0.0.1'], meant: 'create shop -H 127.0.0.1' },
      { argv: ['create', '-h', 'db', 'shop', '--json'], meant: 'create -H db shop --json' },
      { argv: ['create', 'shop', '-hlocalhost'], meant: 'create shop -H localhost' },
      { argv: ['create', 'shop', '-h10.0.0.5'], meant: 'create shop -H 10.0.0.5' },
      { argv: ['create', 'shop', '-hdb'], meant: 'create shop -H db' },
      { argv: ['-h', 'db', 'create', 'shop'], meant: 'create shop -H db' },
      { argv: ['create', '-h', 'db', '--', '-x'], meant: 'create -H db -- -x' },
    ].map(({ argv, meant }) => ({
      argv,
      message: '-h means help, not the host.',
      hint: `Use -H for the host: dbbackup ${meant}`,
    })),
    { argv: ['-q'], message: 'No command given.', hint: "run 'dbbackup --help' for the commands" },
  ])('refuses $argv', ({ argv, message, hint }) => {
    expect(() => parse(...argv)).toThrow(expect.objectContaining({ code: 'usage', message, hint }));
  });

  test('shows the main help when nothing is asked', () => {
    const help = parse();

    expect(help).toMatchObject({ kind: 'help' });
    expect(parse('--help')).toEqual(help);
    expect(parse('help')).toEqual(help);
    expect(parse('-h')).toEqual(help);
    expect(parse('-h', 'create')).toMatchObject({ kind: 'help' });
  });

  test.each([[['create', '--help']], [['help', 'create']], [['create', 'shop', '-h']], [['create', '-h']]])(
    'shows the help of a command for %j',
    (argv) => {
      const help = parse(...argv);

      expect(help).toMatchObject({ kind: 'help', text: expect.stringContaining('Usage: dbbackup create') });
      expect(help).toMatchObject({ text: expect.stringContaining('Examples:') });
      expect(help).toMatchObject({ text: expect.stringContaining('Connection:') });
    },
  );

  test('shows help for the command help although the process counts as failed until it has ended well', () => {
    process.exitCode = 1;
    onTestFinished(() => {
      process.exitCode = undefined;
    });

    expect(parse('help')).toEqual(parse('--help'));
    expect(parse('help', 'create')).toEqual(parse('create', '--help'));
  });

  test.each([[['--version']], [['-V']], [['--version', '--json']]])('knows %j', (argv) => {
    expect(parse(...argv)).toEqual({ kind: 'version' });
  });
});
