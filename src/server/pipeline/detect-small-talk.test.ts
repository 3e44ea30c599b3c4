import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { detectSmallTalk } from './detect-small-talk.ts';

describe('detectSmallTalk', () => {
  it.each([
    ['hello herman', 'greeting'],
    ['Hiiii!!', 'greeting'],
    ['helo', 'greeting'],
    ['¡Hola!', 'greeting'],
    ['你好', 'greeting'],
    ['👋', 'greeting'],
    ['Herman?', 'greeting'],
    ['thnaks a lot', 'thanks'],
    ['Thank you, Herman 🙏', 'thanks'],
    ['great answer, thank you', 'thanks'],
    ['ok thanks, bye!', 'goodbye'],
    ['how are you doing today?', 'how_are_you'],
    ['hi, who are you?', 'who_are_you'],
    ["What's your name?", 'who_are_you'],
    ['what can you help me with', 'capabilities'],
    ['help', 'capabilities'],
    ['List your documents', 'documents'],
    ['what sources do you have?', 'documents'],
  ])('should read %j as %s', (message, kind) => {
    expect(detectSmallTalk(message, ['Herman'])).toBe(kind);
  });

  it.each([
    'hi, how do I begin to meditate?',
    'thanks, and what about the evening?',
    'how are you so calm?',
    'Can you help me sleep?',
    'good morning routine',
    'what do you know about tea?',
    'how does meditation work?',
    'who is Herman?',
    'cool down exercises',
    'why?',
    '',
    '?!',
  ])('should leave %j to the search', (message) => {
    expect(detectSmallTalk(message, ['Herman'])).toBeNull();
  });

  it('should never take a message with a topic for small talk', () => {
    const opening = fc.constantFrom('hi', 'hello herman', 'thanks', 'who are you', 'bye', 'help');
    const topic = fc.constantFrom('meditation', 'debt', 'horse stance', 'my knees', 'congee', 'qigong');
    fc.assert(
      fc.property(opening, topic, (start, subject) => {
        expect(detectSmallTalk(`${start} ${subject}`, ['Herman'])).toBeNull();
      }),
    );
  });
});
