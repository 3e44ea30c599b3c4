import { runCli } from './run-cli.ts';
import { createTerminal } from './terminal.ts';

// `wwhd ... | head` closes the pipe early, which is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCli({
  args: process.argv.slice(2),
  context: {
    terminal: createTerminal({
      stdout: process.stdout,
      stderr: process.stderr,
      hasColour: (process.env['NO_COLOR'] ?? '') === '',
    }),
    environment: process.env,
    folder: process.cwd(),
    stdin: process.stdin,
    now: () => new Date(),
  },
});
