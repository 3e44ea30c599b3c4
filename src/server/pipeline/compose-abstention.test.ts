import { describe, expect, it } from 'vitest';

import { buildPassage } from '../../../test/build-passages.ts';
import { composeAbstention } from './compose-abstention.ts';

const abstention = {
  text: ['I do not have that.', 'Nothing on this.'],
  near_topics: ['Near it: {topics}.'],
  no_topics: ['Ask me about {topics}.'],
};

describe('composeAbstention', () => {
  it('should name up to three near topics, one a document', () => {
    const nearest = [1, 1, 2, 3, 4].map((documentId, index) =>
      buildPassage({ text: 'x', passageId: index + 1, documentId, title: `Talk: Topic ${documentId}` }),
    );
    const { content, topics } = composeAbstention({ abstention, nearest, fallbackTopics: [], seed: 0 });
    expect(topics).toEqual(['Topic 1', 'Topic 2', 'Topic 3']);
    expect(content).toBe('I do not have that. Near it: “Topic 1”, “Topic 2”, and “Topic 3”.');
  });

  it('should offer its specialists when nothing is near', () => {
    const options = { abstention, nearest: [], fallbackTopics: ['Money', 'Food', 'Money'], seed: 1 };
    expect(composeAbstention(options).content).toBe('Nothing on this. Ask me about “Money” and “Food”.');
  });

  it('should offer nothing when there is nothing', () => {
    const options = { abstention, nearest: [], fallbackTopics: [], seed: 0 };
    expect(composeAbstention(options)).toEqual({ content: 'I do not have that.', topics: [] });
  });
});
