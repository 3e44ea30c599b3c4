/**
 * English words that carry no topic: the index leaves them out and a question is not judged by them. Contractions are
 * written as the analyser folds them, without the apostrophe.
 */
export const englishStopWords: ReadonlySet<string> = new Set(
  (
    'a an the this that these those i me my myself we us our ours ourselves you your yours yourself yourselves he him his ' +
    'himself she her hers herself it its itself they them their theirs themselves what which who whom whose when where why how ' +
    'am is are was were be been being isnt arent wasnt werent have has had having havent hasnt hadnt do does did doing done ' +
    'dont doesnt didnt will would shall should can could may might must wont wouldnt shant shouldnt cant cannot couldnt mightnt ' +
    'mustnt im ive id ill youre youve youd youll hes shes thats theres heres were weve weds theyre theyve theyd theyll whats ' +
    'whos wheres hows lets and but if or nor because as until while of at by for with about against between into through during ' +
    'before after above below to from up down in out on off over under again further then once here there all any both each ' +
    'few more most other some such no not only own same so than too very just also ever even still yet upon per via etc though ' +
    'although however thus hence therefore whether either neither among within without toward towards onto else rather quite ' +
    'really please much many another every anyone anything anybody someone something somebody ought'
  ).split(' '),
);
