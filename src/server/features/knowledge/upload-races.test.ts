import { describe, expect, it } from 'vitest';

import { buildWholeApp } from '../../../../test/build-whole-app.ts';

type Shown = { id: number; content: string; status: string; version: number };
const textOf = (word: string) =>
  `# Tea\n\nA ${word} pot of tea is brewed with water that has just boiled and rests for three minutes.\n`;

describe('documents that change at the same time', () => {
  it('should keep the file of content that is uploaded again while its removal is cleaned up', async () => {
    const whole = await buildWholeApp();
    const curator = whole.as('curator');
    const add = () =>
      curator.post('/api/v1/documents/', { namespace: 'tea', title: 'Pot', content: textOf('warm') });
    for (let round = 0; round < 5; round += 1) {
      const { id } = (await add()).json<Shown>();
      const [, added] = await Promise.all([curator.delete(`/api/v1/documents/${id}`), add()]);
      const shown = added?.json<Shown>();
      await whole.wwhd.whenIngested();
      const fresh = shown?.id === id ? (await add()).json<Shown>() : shown;
      await whole.wwhd.whenIngested();
      const file = await curator.get(`/api/v1/documents/${fresh?.id}/file`);
      expect(file.statusCode).toBe(200);
      expect(file.body).toBe(textOf('warm'));
      await curator.delete(`/api/v1/documents/${fresh?.id}`);
    }
  });

  it('should end with the newest version whatever the order in which versions are ready', async () => {
    const whole = await buildWholeApp();
    const curator = whole.as('curator');
    const { id } = (
      await curator.post('/api/v1/documents/', { namespace: 'tea', title: 'Pot', content: textOf('warm') })
    ).json<Shown>();
    const long = `${textOf('second')}\n${'The second lesson repeats what the first one said about pots. '.repeat(3_000)}`;
    const second = curator.put(`/api/v1/documents/${id}`, { content: long });
    const third = curator.put(`/api/v1/documents/${id}`, { content: textOf('third') });
    await Promise.all([second, third]);
    await whole.wwhd.whenIngested();
    const shown = (await curator.get(`/api/v1/documents/${id}`)).json<Shown>();
    expect(shown.status).toBe('indexed');
    expect(shown.version).toBe(3);
  });
});
