import type { PatternParts } from '../match-rules.ts';

/** Named word groups of the guard's rules. */
export const patternParts: PatternParts = {
  partner: 'husband|wife|boyfriend|girlfriend|partner|fiancee?|ex|ex husband|ex wife|spouse|man i live with',
  parent: 'mom|dad|mother|father|stepdad|stepmom|stepfather|stepmother|parents?|uncle|aunt|grandpa|grandma|grandfather|grandmother|cousin|babysitter|foster (?:dad|mom)|moms boyfriend|dads girlfriend',
  relative: '<partner>|<parent>|brother|sister|son|daughter|kids?|child|children|baby|family|best friend|friend|mate|roommate|flatmate|colleague|coworker|classmate|student|teacher|neighbou?r|boss|coach|in law|niece|nephew|teen|teenager',
  person: '(?:<relative>|he|she|they|him|her|them|someone|somebody|people|a man|a woman|a boy|a girl|this guy|this girl|a guy|guy|girl|man|woman)',
  victim: '<relative>|him|her|them|someone|somebody|people|persons?|a man|a woman|a girl|a boy|girls?|women|guy|men|landlord|tenant|ex|uncle|rival|enemy|enemies|president|politicians?|teachers?|students?|kids|children|crowd|passengers|tourists|jews|muslims|christians|immigrants|refugees|minorit(?:y|ies)|strangers?|patients?|the police|cops?|human beings?|humans?|public|individuals?|victims?|employees?|citizens|teens|teenagers|minors?|users|others',
  pills: 'pills?|tablets?|paracetamol|tylenol|acetaminophen|aspirin|ibuprofen|sleeping (?:pills?|tablets?)|xanax|benzos?|medication|meds|medicine|antidepressants?|painkillers?|opioids?|insulin|capsules',
  nomore: 'any more|any longer|no more|again|like this|at all|any further',
  die: 'die|be dead|be gone|end it|end it all|end everything|end things|end my life|end my own life|end myself|take my (?:own )?life|kill myself|hang myself|disappear forever|vanish forever|stop existing|not exist|cease to exist|not be alive|not wake up|never wake up|sleep forever|fall asleep and never wake up|go to sleep and (?:never|not) wake up|not be here|leave this (?:world|life|earth)|finish it|jump off (?:a|the) (?:bridge|roof|building|cliff)|slit my wrists|follow (?:him|her) into death|join (?:him|her) in heaven',
  want: '(?:want|wants|wanted|wish|wished|ready|prefer|rather|hope|would like|would love|going|plan|planning|decided|trying|tried|tempted|need|about|long|longing|deserve|better|should|might|have|able|just|will|i would|consider) (?:to )?(?:just |only |really |simply |honestly |finally |maybe |actually |also )*',
};
