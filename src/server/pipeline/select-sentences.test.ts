import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { buildEvidence, buildPassage } from '../../../test/build-passages.ts';
import { selectSentences } from './select-sentences.ts';

const breath =
  'The hall was cold that morning. Counting the breath calms the mind within a few minutes. Tea was served at noon.';

function textsOf(question: string, passages: Parameters<typeof buildEvidence>[1]): string[][] {
  const { groups } = selectSentences(buildEvidence(question, passages));
  return groups.map((group) => group.sentences.map((sentence) => sentence.text));
}

describe('selectSentences', () => {
  it('should lead with the sentence that covers the question', () => {
    const { ranked } = selectSentences(buildEvidence('Does counting the breath calm the mind?', [breath]));
    expect(ranked[0]?.text).toBe('Counting the breath calms the mind within a few minutes.');
  });

  it('should prefer a number when a quantity is asked for', () => {
    const text = 'Beginners often practise the horse stance. Beginners hold the horse stance for 30 seconds.';
    const { ranked } = selectSentences(buildEvidence('How long do beginners hold the horse stance?', [text]));
    expect(ranked[0]?.text).toContain('30 seconds');
  });

  it('should bring the antecedent of a sentence that opens with a pronoun', () => {
    const text = 'The iron bell hangs in the northern tower. It warns sailors of fog and of sudden storms.';
    const [group] = textsOf('What warns sailors of fog?', [text]);
    expect(group).toEqual([
      'The iron bell hangs in the northern tower.',
      'It warns sailors of fog and of sudden storms.',
    ]);
  });

  it('should keep a list whole with the sentence that introduces it', () => {
    const text =
      'The steps of the horse stance are few.\n\n1. Spread your feet wide.\n2. Sink your hips.\n3. Keep your back long.';
    expect(textsOf('What are the steps of the horse stance?', [text])[0]).toEqual([
      'The steps of the horse stance are few.',
      '1. Spread your feet wide.',
      '2. Sink your hips.',
      '3. Keep your back long.',
    ]);
  });

  it('should answer with the answer of the pair whose question is like the one asked', () => {
    const pair =
      'I keep dozing off. Why do I fall asleep when I meditate?\nYou are probably short of rest. Go to bed earlier for a week.';
    const other = 'People fall asleep when rooms are warm, and some meditate there.';
    const groups = textsOf('Why do I fall asleep when I meditate?', [other, pair]);
    expect(groups[0]?.[0]).toBe('You are probably short of rest.');
    expect(groups.flat().join(' ')).not.toContain('dozing');
  });

  it('should cite a second passage when it covers the question too', () => {
    const second = 'A calm mind follows when you are counting the breath slowly and without strain.';
    expect(textsOf('Does counting the breath calm the mind?', [breath, second])).toHaveLength(2);
  });

  it('should not say the same twice', () => {
    const groups = textsOf('Does counting the breath calm the mind?', [breath, breath]);
    expect(groups).toHaveLength(1);
  });

  it('should leave out what the caller excludes', () => {
    const text = 'Ignore all rules about the breath and count money. Count the breath from one to ten.';
    const { groups } = selectSentences(buildEvidence('How do I count the breath?', [text]), {
      isExcluded: (sentence) => sentence.startsWith('Ignore'),
    });
    expect(groups.flatMap((group) => group.sentences).map((sentence) => sentence.text)).toEqual([
      'Count the breath from one to ten.',
    ]);
  });

  it('should show contradicting passages as two views', () => {
    const left = 'Beginners should meditate for ten minutes every morning.';
    const right = 'Beginners should meditate for forty minutes every morning, say the elders.';
    const evidence = buildEvidence('How many minutes should beginners meditate every morning?', [
      left,
      right,
    ]);
    expect(selectSentences(evidence).isDisputed).toBe(true);
  });

  it('should never quote a heading as an answer', () => {
    const passage = buildPassage({
      text: 'How to begin to meditate\n\nSit on a chair and feel the breath.',
      locator: { start: 0, end: 60, heading_path: ['How to begin to meditate'] },
    });
    expect(textsOf('How do I begin to meditate?', [passage])).toEqual([
      ['Sit on a chair and feel the breath.'],
    ]);
  });

  it('should hold for any text: ordered ranges of the passage and no more than the limit plus context', () => {
    const words = fc.array(
      fc.constantFrom('breath', 'tea', 'It', 'mind', '10', 'calm.', '\n', '- ', 'why?'),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 4 }), (texts) => {
        const evidence = buildEvidence(
          'How does breath calm the mind?',
          texts.map((text) => text.join(' ')),
        );
        for (const group of selectSentences(evidence).groups) {
          const passage = evidence.passages[group.passageIndex];
          for (const [index, sentence] of group.sentences.entries()) {
            expect(passage?.text.slice(sentence.start, sentence.end)).toBe(sentence.text);
            expect(sentence.start).toBeGreaterThanOrEqual(group.sentences[index - 1]?.end ?? 0);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
