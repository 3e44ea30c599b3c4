import { describe, expect, it } from 'vitest';

import type { ApiClient } from '../../shared/api-client.ts';
import type { StreamFrame } from '../../shared/chats.ts';
import type { Message, Source } from '../../shared/messages.ts';
import { createTerminal } from '../terminal.ts';
import { runAsk } from './run-ask.ts';

const source: Source = {
  marker: 1,
  title: 'Sitting\u001B[2J still',
  url: 'https://example.org/sitting',
  youtube_url: 'https://youtu.be/x?t=135',
  timestamp: '2:15',
  page: 3,
  document_id: 4,
  version: 1,
  passage_id: 9,
  namespace: 'meditation',
  quote: 'Sit.',
  score: 0.9,
};

function messageWith(change: Partial<Message>): Message {
  return { id: 7, content: 'Sit down. [1]', status: 'complete', sources: [source], ...change } as Message;
}

function framesOf(message: Message, tokens: string[]): StreamFrame[] {
  return [
    { type: 'start', chat_id: 3, message_id: 7, turn_id: 7, question_id: 6 },
    ...tokens.map((content): StreamFrame => ({ type: 'token', content })),
    { type: 'done', message },
  ];
}

async function run(options: {
  frames: StreamFrame[];
  isTTY?: boolean;
  isJson?: boolean;
  /** Interrupts (Ctrl-C) after so many frames. */
  interruptAfter?: number;
}) {
  let output = '';
  const stopped: number[] = [];
  let interrupt: () => void = () => undefined;
  const stream = { isTTY: options.isTTY ?? false, write: (text: string) => void (output += text) };
  const terminal = createTerminal({ stdout: stream, stderr: stream, hasColour: false });
  const streamAsk: ApiClient['streamAsk'] = async function* (_question, streaming) {
    for (const [index, frame] of options.frames.entries()) {
      if (index === options.interruptAfter) interrupt();
      streaming?.signal?.throwIfAborted();
      yield await Promise.resolve({ id: index, frame });
    }
  };
  const pending = runAsk({
    client: { streamAsk, stopTurn: (turnId) => Promise.resolve(void stopped.push(turnId)) },
    terminal,
    question: { content: 'How?' },
    isJson: options.isJson ?? false,
    onInterrupt: (listener) => {
      interrupt = listener;
      return () => undefined;
    },
  });
  const exitCode = await pending;
  return { exitCode, output, stopped };
}

describe('runAsk', () => {
  it('should stream in a terminal and list the sources with page, time and address', async () => {
    const frames = framesOf(messageWith({}), ['Sit ', 'down. [1]']);
    const { exitCode, output } = await run({ frames, isTTY: true });
    expect(exitCode).toBe(0);
    expect(output).toBe(
      'Sit down. [1]\n\nSources\n[1] Sitting[2J still, page 3, at 2:15\n    https://youtu.be/x?t=135\n',
    );
  });

  it('should print the checked text again when it differs from what was streamed', async () => {
    const frames = framesOf(messageWith({ sources: [] }), ['Sit down. [4]']);
    const { output } = await run({ frames, isTTY: true });
    expect(output).toBe('Sit down. [4]\n\nAfter checking the citations:\n\nSit down. [1]\n');
  });

  it('should print only the finished text into a pipe', async () => {
    const { output } = await run({ frames: framesOf(messageWith({ sources: [] }), ['Sit ', 'down. [4]']) });
    expect(output).toBe('Sit down. [1]\n');
  });

  it('should say how the answer came about when the message has a note', async () => {
    const frames = framesOf(messageWith({ note: 'These are\u001b[2J excerpts.', sources: [] }), []);
    expect((await run({ frames })).output).toBe('Sit down. [1]\nThese are[2J excerpts.\n');
  });

  it('should print nothing but the message as JSON', async () => {
    const { output } = await run({ frames: framesOf(messageWith({}), ['Sit']), isJson: true, isTTY: true });
    expect(JSON.parse(output)).toEqual(messageWith({}));
  });

  it('should stop the turn at the first interrupt and keep what was written', async () => {
    const frames = framesOf(messageWith({ content: 'Sit', status: 'stopped', sources: [] }), ['Sit', '']);
    const { exitCode, output, stopped } = await run({ frames, isTTY: true, interruptAfter: 2 });
    expect(stopped).toEqual([7]);
    expect(exitCode).toBe(130);
    expect(output).toContain('Sit\n');
  });

  it('should leave when it is interrupted before the turn has begun', async () => {
    const frames = framesOf(messageWith({}), []);
    await expect(run({ frames, interruptAfter: 0 })).rejects.toMatchObject({ exitCode: 130 });
  });

  it('should fail with the sentence of an error frame', async () => {
    const frames: StreamFrame[] = [
      { type: 'error', message: 'short', detail: 'The model is away. Try again.' },
    ];
    await expect(run({ frames })).rejects.toThrow('The model is away. Try again.');
  });
});
