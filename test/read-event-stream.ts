import { EventSourceParserStream } from 'eventsource-parser/stream';

import type { StreamFrame } from '../src/shared/chats.ts';

export type ReceivedFrame = { id: string | undefined; frame: StreamFrame };

/** The frames of a whole body of server-sent events, in order; comments are left out. */
export async function readFrames(body: string): Promise<ReceivedFrame[]> {
  const stream = new Blob([body])
    .stream()
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>)
    .pipeThrough(new EventSourceParserStream());
  const frames: ReceivedFrame[] = [];
  for await (const event of stream) {
    frames.push({ id: event.id, frame: JSON.parse(event.data) as StreamFrame });
  }
  return frames;
}

/** The text that the frames carry. */
export function textOf(frames: readonly ReceivedFrame[]): string {
  return frames.map(({ frame }) => (frame.type === 'token' ? frame.content : '')).join('');
}
