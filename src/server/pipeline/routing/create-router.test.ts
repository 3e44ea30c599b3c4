import { array, assert, constantFrom, double, property, record, string } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createRouter, type RouterSpecialist } from './create-router.ts';

const specialists: RouterSpecialist[] = [
  {
    id: 'garden',
    title: 'Garden',
    namespaces: ['plants', 'soil'],
    description: 'Answers questions about growing plants.',
    utterances: [
      'when do I sow tomatoes',
      'my roses have lice',
      'how do I prune a pear tree',
      'is my soil too wet',
    ],
  },
  {
    id: 'bicycle',
    title: 'Bicycle',
    namespaces: ['repair'],
    description: 'Answers questions about mending bicycles.',
    utterances: ['my chain slips', 'how do I patch a tyre', 'the brake squeals', 'which gear for a hill'],
  },
  {
    id: 'general',
    title: 'Everything Else',
    namespaces: ['stories'],
    description: 'Answers other questions.',
    utterances: ['tell me a story', 'who are you', 'what do you think of patience', 'I feel lost'],
  },
];
const knowledge = [
  {
    namespace: 'repair',
    title: 'Truing a wheel',
    headings: ['Loose spokes'],
    text: 'Spokes pull the rim towards the hub.',
  },
];
const router = createRouter({ specialists, knowledge });

describe('createRouter', () => {
  it('should choose the specialist whose utterances are closest', () => {
    expect(router.route('my tomatoes and roses look ill').specialistId).toBe('garden');
    expect(router.route('the chain and the brake are worn').specialistId).toBe('bicycle');
  });

  it('should learn the words of the knowledge that no utterance has', () => {
    expect(router.route('a wheel with broken spokes').specialistId).toBe('bicycle');
    expect(router.route('a wheel with broken spokes').namespaces).toContain('repair');
  });

  it('should name the telling words and the place of the passages in the reason', () => {
    const { reason } = router.route('How do I prune roses?', [{ namespace: 'plants', score: 3 }]);
    expect(reason).toMatch(/prune|roses/u);
    expect(reason).toMatch(/point.* to Garden; the best passages are in Garden too\.$/u);
  });

  it('should say so when the passages are elsewhere', () => {
    const { reason } = router.route('prune roses and sow tomatoes', [{ namespace: 'repair', score: 1 }]);
    expect(reason).toContain('the best passages are in Bicycle');
  });

  it('should raise the probability of the specialist that owns the passages', () => {
    const probabilityOf = (evidence: { namespace: string; score: number }[]) =>
      router.route('which one', evidence).scores.find(({ specialistId }) => specialistId === 'bicycle')
        ?.probability;
    expect(probabilityOf([{ namespace: 'repair', score: 2 }])).toBeGreaterThan(probabilityOf([]) ?? 1);
  });

  it('should leave text without words and without known words to the fallback, with all namespaces', () => {
    for (const text of ['', '   ?!', 'qqqq vvvv xxxx']) {
      const decision = router.route(text);
      expect(decision).toMatchObject({ specialistId: 'general', isOutOfScope: true });
      expect(decision.namespaces.toSorted()).toEqual(['plants', 'repair', 'soil', 'stories']);
    }
  });

  it('should use the named fallback', () => {
    const other = createRouter({ specialists, knowledge, fallbackSpecialistId: 'bicycle' });
    expect(other.route('').specialistId).toBe('bicycle');
  });

  it('should send everything to the only specialist, utterances or not', () => {
    const [garden] = specialists;
    const alone = createRouter({
      specialists: [{ ...(garden as RouterSpecialist), utterances: [], description: '' }],
      knowledge: [],
    });
    expect(alone.route('anything at all')).toMatchObject({ specialistId: 'garden', confidence: 1 });
  });

  it('should decide the same way each time it is trained', () => {
    const again = createRouter({ specialists, knowledge });
    expect(again.route('a gear for my pear tree')).toEqual(router.route('a gear for my pear tree'));
  });

  it('should give a valid decision for any text and evidence', () => {
    const own = ['plants', 'soil', 'repair', 'stories'];
    const evidence = array(
      record({ namespace: constantFrom(...own, 'foreign'), score: double({ noNaN: false }) }),
    );
    assert(
      property(string({ unit: 'grapheme' }), evidence, (text, found) => {
        const decision = router.route(text, found);
        expect(decision.scores.reduce((sum, score) => sum + score.probability, 0)).toBeCloseTo(1, 4);
        expect(decision.namespaces.length).toBeGreaterThan(0);
        expect(own).toEqual(expect.arrayContaining(decision.namespaces));
        expect(new Set(decision.namespaces).size).toBe(decision.namespaces.length);
        expect(specialists.map(({ id }) => id)).toContain(decision.specialistId);
        expect(decision.reason).toMatch(/\.$/u);
      }),
    );
  });
});
