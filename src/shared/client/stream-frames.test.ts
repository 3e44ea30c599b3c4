import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { StreamFrame } from '../chats.ts';
import { createFrameCollector, type NumberedFrame } from './stream-frames.ts';

const encoder = new TextEncoder();

function wireOf(frames: NumberedFrame[]): string {
  return frames
    .map(({ id, frame }) => `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(frame)}\n\n`)
    .join('');
}

function token(content: string): StreamFrame {
  return { type: 'token', content };
}

describe('createFrameCollector', () => {
  it('should give the same frames however the bytes are cut, in the middle of a character too', () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(texts, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (contents, sizes) => {
        const frames = contents.map((content, index) => ({ id: index + 1, frame: token(content) }));
        const bytes = encoder.encode(`: heartbeat\n\n${wireOf(frames)}`);
        const collector = createFrameCollector();
        const seen: NumberedFrame[] = [];
        for (let start = 0, turn = 0; start < bytes.length; turn += 1) {
          const end = start + (sizes[turn % sizes.length] ?? 1);
          seen.push(...collector.feed(bytes.subarray(start, end)));
          start = end;
        }
        expect(seen).toEqual(frames);
      }),
    );
  });

  it('should bring each frame once when a connection breaks anywhere and the events after the last id come again', () => {
    // Events of one to three frames; only the last frame of an event has its id.
    const events = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(events, fc.nat(), (sizes, cut) => {
        const frames = sizes.flatMap((size, event) =>
          Array.from({ length: size }, (_, part): NumberedFrame => {
            const frame = token(`${event}.${part}`);
            return part === size - 1 ? { id: event + 1, frame } : { frame };
          }),
        );
        const start = { id: 0, frame: token('start') };
        const bytes = encoder.encode(wireOf([start, ...frames]));
        const seen = createFrameCollector().feed(bytes.subarray(0, cut % (bytes.length + 1)));
        const lastId = seen.at(-1)?.id;
        const firstMissing =
          lastId === undefined ? 0 : sizes.slice(0, lastId).reduce((sum, size) => sum + size, 0);
        const rest = lastId === undefined ? [start, ...frames] : frames.slice(firstMissing);
        seen.push(...createFrameCollector(lastId).feed(encoder.encode(wireOf(rest))));
        expect(seen).toEqual([start, ...frames]);
      }),
    );
  });

  it('should leave out what was seen before, and lines that are no frames', () => {
    const collector = createFrameCollector(4);
    const wire = `${wireOf([
      { id: 4, frame: token('old') },
      { id: 5, frame: token('new') },
    ])}data: [DONE]\n\ndata: {"no":"type"}\n\n`;
    expect(collector.feed(encoder.encode(wire))).toEqual([{ id: 5, frame: token('new') }]);
  });

  it('should hand frames on at once when the server numbers none', () => {
    const collector = createFrameCollector();
    expect(collector.feed(encoder.encode(wireOf([{ frame: token('a') }])))).toEqual([{ frame: token('a') }]);
  });
});
