/** A text as it came in: where each piece ended, and when. Times are milliseconds since the request was sent. */
export type StreamTimes = {
  arrivals: { atMs: number; endCharacter: number }[];
  text: string;
  /** When the response ended, after all of its frames. */
  endMs: number;
};

/**
 * Posts a body and reads the answer's server-sent events until the end.
 * @param options.textOf the text that one frame's data brings, or '' (its `data:` line is JSON or `[DONE]`)
 * @throws when the answer is not 200
 */
export async function readStream(
  url: string,
  options: {
    body: unknown;
    headers?: Record<string, string>;
    textOf: (frame: Record<string, unknown>) => string;
  },
): Promise<StreamTimes> {
  const { body, headers = {}, textOf } = options;
  const start = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (response.status !== 200 || !response.body)
    throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  const arrivals: StreamTimes['arrivals'] = [];
  const decoder = new TextDecoder();
  let text = '';
  let rest = '';
  for await (const part of response.body) {
    const atMs = performance.now() - start;
    const frames = (rest + decoder.decode(part, { stream: true })).split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) {
      const piece = textOf(readData(frame));
      if (piece === '') continue;
      text += piece;
      arrivals.push({ atMs, endCharacter: text.length });
    }
  }
  return { arrivals, text, endMs: performance.now() - start };
}

function readData(frame: string): Record<string, unknown> {
  const line = frame.split('\n').find((candidate) => candidate.startsWith('data: '));
  if (line === undefined || line === 'data: [DONE]') return {};
  return JSON.parse(line.slice('data: '.length)) as Record<string, unknown>;
}

/** The text of one frame of /chat/stream. */
export function textOfOwnFrame(frame: Record<string, unknown>): string {
  return frame['type'] === 'token' ? String(frame['content']) : '';
}

/** The text of one chunk of an OpenAI-compatible stream. */
export function textOfChunk(frame: Record<string, unknown>): string {
  const [choice] = (frame['choices'] ?? []) as { delta?: { content?: string } }[];
  return choice?.delta?.content ?? '';
}

/** When a character of the text had arrived; the end of the stream for one that never came. */
export function arrivalOf({ arrivals, endMs }: StreamTimes, character: number): number {
  return arrivals.find(({ endCharacter }) => endCharacter >= character)?.atMs ?? endMs;
}
