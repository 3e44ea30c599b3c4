import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { splitSentences } from './split-sentences.ts';

const sentencesOf = (text: string) => splitSentences(text).map(({ start, end }) => text.slice(start, end));

const cases: { name: string; sentences: string[]; joint?: string }[] = [
  {
    name: 'titles and initials',
    sentences: ['Dr. A. B. Smith met Mrs. Jones.', 'They spoke with J. R. R. Tolkien at length.'],
  },
  {
    name: 'decimals, money and versions',
    sentences: ['It costs $3.50, or 2.5 percent.', 'Version 1.2.3 is out.', 'Pi is 3.14.'],
  },
  {
    name: 'Latin shortenings',
    sentences: ['Eat grains, e.g. Basmati or millet, i.e. whole ones.', 'Compare Kung Fu vs. Judo.'],
  },
  {
    name: 'a shortening that ends a sentence',
    sentences: [
      'We rise at 5 a.m. every day.',
      'He sleeps at 9 p.m.',
      'The hall is closed.',
      'Bring rice, beans, etc.',
      'Then cook.',
    ],
  },
  {
    name: 'a country with a name after it',
    sentences: ['The U.S. Government agreed.', 'He moved to the U.S.', 'There he taught.'],
  },
  {
    name: 'quotations',
    sentences: [
      '"Stop!" he said.',
      '“Is it far?” she asked him.',
      'He replied, "Not at all."',
      '"Let us go."',
    ],
  },
  {
    name: 'an ellipsis',
    sentences: ['Wait... there is more.', 'And then…', 'Silence fell.', 'It was ... odd.'],
  },
  {
    name: 'brackets and footnotes',
    sentences: ['He left (it was late).', 'She stayed.[12]', 'Nobody knew why.'],
  },
  {
    name: 'numbers that are named',
    sentences: ['See Fig. 3 and No. 5 on p. 12.', 'He said no.', 'It was late.'],
  },
  {
    name: 'a letter that is no initial',
    sentences: ['Take vitamin C.', 'It helps.', 'This is plan B.', 'We hope it works.'],
  },
  { name: 'the word I', sentences: ['It was I.', 'Nobody else came.'] },
  { name: 'several marks', sentences: ['Really?!', 'Yes!!', 'Good.'] },
  { name: 'inline enumeration', sentences: ['1. Sit down.', '2. Breathe out.', '3. Count to ten.'] },
  { name: 'Chinese', sentences: ['我们坐下。', '你好吗？', '很好！'], joint: '' },
  { name: 'Japanese quotation', sentences: ['彼は「行こう。」と言った。', '私は座った。'], joint: '' },
  { name: 'Hindi', sentences: ['यह घर है।', 'वह जाता है।'] },
  { name: 'Spanish', sentences: ['¿Cómo estás?', '¡Muy bien!', 'Gracias.'] },
  { name: 'no capitals', sentences: ['so we sit down.', 'then we breathe.', 'how does i feel?', 'fine.'] },
  { name: 'domain names', sentences: ['Visit example.com for more.', 'Mail a.b@example.org today.'] },
];

describe('splitSentences', () => {
  it.each(cases)('should part $name', ({ sentences, joint }) => {
    expect(sentencesOf(sentences.join(joint ?? ' '))).toEqual(sentences);
  });

  it('should keep wrapped lines together and part paragraphs, headings and list items', () => {
    const text = [
      '# Sitting still',
      'The breath is the first teacher of everyone who enters this hall and',
      'it never leaves you. Return to it.',
      '',
      'Bring:',
      '- a cushion',
      '- patience, and',
      '  more patience',
      '2) water',
    ].join('\n');
    expect(sentencesOf(text)).toEqual([
      '# Sitting still',
      'The breath is the first teacher of everyone who enters this hall and\nit never leaves you.',
      'Return to it.',
      'Bring:',
      '- a cushion',
      '- patience, and\n  more patience',
      '2) water',
    ]);
  });

  it('should answer nothing for white space', () => {
    expect(splitSentences(' \n\t ')).toEqual([]);
  });

  it('should cover every visible character once, in order, trimmed, for any text', () => {
    const unit = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 6 }),
      fc.constantFrom(
        '. ',
        '! ',
        '?" ',
        '...',
        '\n',
        '\n\n',
        '- ',
        '1. ',
        'Dr. ',
        'A. ',
        '。',
        '」',
        '[3]',
        ' ',
        'The ',
        'word',
      ),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 40 }), (units) => {
        const text = units.join('');
        let at = 0;
        for (const { start, end } of splitSentences(text)) {
          expect(text.slice(at, start).trim()).toBe('');
          expect(end).toBeGreaterThan(start);
          expect(text.slice(start, end).trim()).toBe(text.slice(start, end));
          at = end;
        }
        expect(text.slice(at).trim()).toBe('');
      }),
    );
  });

  it('should find again the plain sentences that a text was made of', () => {
    const word = fc.constantFrom(
      'mountain',
      'breath',
      'rises',
      'slowly',
      'over',
      'rivers',
      'teaches',
      '3.5',
      'tea',
      'well-known',
    );
    const sentence = fc
      .tuple(
        fc.constantFrom('Herman', 'Every', 'She', 'Morning'),
        fc.array(word, { minLength: 1, maxLength: 12 }),
        fc.constantFrom('.', '!', '?', '?!'),
      )
      .map(([first, rest, mark]) => `${first} ${rest.join(' ')} then${mark}`);
    fc.assert(
      fc.property(fc.array(sentence, { minLength: 1, maxLength: 8 }), (sentences) => {
        expect(sentencesOf(sentences.join(' '))).toEqual(sentences);
      }),
    );
  });

  it('should stay linear on hostile input', () => {
    const text = `${'.'.repeat(50_000)} ${'a.'.repeat(50_000)} ${'"'.repeat(50_000)}${'. "('.repeat(20_000)}${'\n '.repeat(50_000)}`;
    expect(splitSentences(text).length).toBeGreaterThan(0);
  });
});
