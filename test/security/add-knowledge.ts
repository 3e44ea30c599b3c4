import type { TestServer } from './open-test-server.ts';

const TEXTS: Record<string, string> = {
  'Brewing tea':
    '# Brewing tea\n\nWarm the pot with hot water before you brew oolong tea in it. Pour the water off the boil.',
  'Walking slowly':
    '# Walking slowly\n\nWalk slowly across the room and count ten breaths. Turn around and walk back again.',
};

/** Two documents in the namespace `general`, indexed. @returns their ids */
export async function addKnowledge({ app, signIn }: Pick<TestServer, 'app' | 'signIn'>): Promise<number[]> {
  const { headers } = await signIn('curator', 'librarian');
  const ids: number[] = [];
  for (const [title, content] of Object.entries(TEXTS)) {
    const payload = { namespace: 'general', title, content };
    const response = await app.inject({ method: 'POST', url: '/api/v1/documents/', headers, payload });
    if (response.statusCode !== 201) throw new Error(response.body);
    ids.push(response.json<{ id: number }>().id);
  }
  return ids;
}
