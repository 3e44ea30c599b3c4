import type { ApiClient } from '../../shared/api-client.ts';
import type { Ask, StreamFrame } from '../../shared/chats.ts';
import type { Message } from '../../shared/messages.ts';
import { CommandFailure, exitCodes } from '../command-context.ts';
import { type Terminal, withoutControls } from '../terminal.ts';
import { formatSources } from './format-sources.ts';

/**
 * Asks and prints: in a terminal the words as they come, else the finished answer, then the sources; as JSON the
 * message alone. The first interrupt stops the turn and keeps what was written, the second one leaves at once.
 * @param options.onInterrupt registers for Ctrl-C and returns a function that unregisters
 * @returns the exit code
 * @throws ApiError, CommandFailure when the answer failed
 */
export async function runAsk(options: {
  client: Pick<ApiClient, 'streamAsk' | 'stopTurn'>;
  terminal: Terminal;
  question: Ask;
  isJson: boolean;
  onInterrupt: (listener: () => void) => () => void;
}): Promise<number> {
  const { client, terminal, question, isJson } = options;
  const leave = new AbortController();
  let turnId: number | undefined;
  let isStopping = false;
  const removeListener = options.onInterrupt(() => {
    if (turnId === undefined || isStopping) return leave.abort(stoppedByUser());
    isStopping = true;
    client.stopTurn(turnId).catch((error: unknown) => leave.abort(error));
  });
  try {
    const written = createWriter(terminal, { isLive: terminal.isInteractive && !isJson });
    for await (const { frame } of client.streamAsk(question, { signal: leave.signal })) {
      if (frame.type === 'start') turnId = frame.turn_id;
      else if (frame.type === 'token') written.add(frame.content);
      else if (frame.type === 'error') throw failureOf(frame);
      else if (frame.type === 'done') {
        if (isJson) terminal.write(`${JSON.stringify(frame.message, null, 2)}\n`);
        else written.finish(frame.message);
        return frame.message.status === 'stopped' ? exitCodes.stopped : exitCodes.ok;
      }
    }
    throw new CommandFailure('The answer ended before it was complete. Ask again.');
  } finally {
    removeListener();
  }
}

function createWriter(terminal: Terminal, options: { isLive: boolean }) {
  let streamed = '';
  return {
    add: (content: string): void => {
      streamed += content;
      if (options.isLive) terminal.write(withoutControls(content));
    },
    finish: (message: Message): void => {
      const final = withoutControls(message.content).trim();
      if (!options.isLive) terminal.write(`${final}\n`);
      else if (withoutControls(streamed).trim() === final) terminal.write('\n');
      // Citations are checked when the text is complete, which can renumber or remove markers already on the screen.
      else terminal.write(`\n\n${terminal.dim('After checking the citations:')}\n\n${final}\n`);
      if (message.note) terminal.say(terminal.dim(withoutControls(message.note)));
      if (message.status === 'stopped') terminal.say(terminal.yellow('Stopped.'));
      if (message.sources.length > 0) terminal.write(`\n${formatSources(message.sources, terminal)}\n`);
    },
  };
}

function failureOf(frame: Extract<StreamFrame, { type: 'error' }>): CommandFailure {
  return new CommandFailure(typeof frame['detail'] === 'string' ? frame['detail'] : frame.message);
}

function stoppedByUser(): CommandFailure {
  return new CommandFailure('Stopped.', { exitCode: exitCodes.stopped });
}
