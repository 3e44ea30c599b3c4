import type { PolicyRule } from '../guard-policy.ts';

/** Rules that every persona for children has before its own: what a child should not write to a machine. */
export const childrenRules: readonly PolicyRule[] = [
  {
    id: 'child-personal-data',
    action: 'refuse',
    category: 'personal-data',
    phrases: [],
    patterns: [
      'my (?:home |full |last |real |moms |dads |parents )?(?:address|phone number|phone|telephone number|mobile number|e ?mail|email address|last name|full name|password|passcode) (?:is|are)',
      'i (?:live|am) (?:at|on|in) (?:number )?\\d+|i live (?:at|on) \\p{L}+ (?:street|road|avenue|lane|drive|way)|my school is (?:called )?\\p{L}+|i go to \\p{L}+ (?:\\p{L}+ )?(?:school|elementary|primary)|(?:call|text|write|e ?mail) me (?:at|on) \\w+',
      '\\p{L}[\\w.]*@\\w+',
    ],
    unless: ['what is my|should i (?:tell|give)'],
  },
];
