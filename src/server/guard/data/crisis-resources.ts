/** One place that helps: shown as "name: contact". */
export type CrisisResource = { name: string; contact: string; serves: 'everyone' | 'children' | 'abuse' | 'poison' };

export type RegionResources = { emergency: string; resources: readonly CrisisResource[] };

/** Month of the last review of this list; compare it with the services' own pages before each release. */
export const crisisResourcesReviewed = '2026-11';

/** Help lines by ISO 3166 country code; only numbers that the services publish themselves. */
export const crisisResources: Readonly<Record<string, RegionResources>> = {
  US: {
    emergency: '911',
    resources: [
      { name: '988 Suicide & Crisis Lifeline', contact: 'call or text 988, day and night', serves: 'everyone' },
      { name: 'National Domestic Violence Hotline', contact: '1-800-799-7233', serves: 'abuse' },
      { name: 'Childhelp National Child Abuse Hotline', contact: '1-800-422-4453', serves: 'children' },
      { name: 'Poison Help', contact: '1-800-222-1222', serves: 'poison' },
    ],
  },
  GB: {
    emergency: '999',
    resources: [
      { name: 'Samaritans', contact: '116 123, free, day and night', serves: 'everyone' },
      { name: 'National Domestic Abuse Helpline', contact: '0808 2000 247', serves: 'abuse' },
      { name: 'Childline', contact: '0800 1111', serves: 'children' },
    ],
  },
  IE: {
    emergency: '112 or 999',
    resources: [{ name: 'Samaritans', contact: '116 123, free, day and night', serves: 'everyone' }],
  },
  CA: {
    emergency: '911',
    resources: [
      { name: '9-8-8 Suicide Crisis Helpline', contact: 'call or text 988', serves: 'everyone' },
      { name: 'Kids Help Phone', contact: '1-800-668-6868', serves: 'children' },
    ],
  },
  AU: {
    emergency: '000',
    resources: [
      { name: 'Lifeline', contact: '13 11 14', serves: 'everyone' },
      { name: '1800RESPECT', contact: '1800 737 732', serves: 'abuse' },
      { name: 'Kids Helpline', contact: '1800 55 1800', serves: 'children' },
    ],
  },
  NZ: { emergency: '111', resources: [{ name: 'Need to talk?', contact: 'call or text 1737', serves: 'everyone' }] },
  DE: {
    emergency: '112',
    resources: [
      { name: 'TelefonSeelsorge', contact: '0800 111 0 111, kostenfrei', serves: 'everyone' },
      { name: 'Hilfetelefon Gewalt gegen Frauen', contact: '116 016', serves: 'abuse' },
      { name: 'Nummer gegen Kummer', contact: '116 111', serves: 'children' },
    ],
  },
  AT: {
    emergency: '112',
    resources: [
      { name: 'Telefonseelsorge', contact: '142', serves: 'everyone' },
      { name: 'Rat auf Draht', contact: '147', serves: 'children' },
    ],
  },
  CH: {
    emergency: '112',
    resources: [
      { name: 'Die Dargebotene Hand', contact: '143', serves: 'everyone' },
      { name: 'Pro Juventute', contact: '147', serves: 'children' },
    ],
  },
  FR: {
    emergency: '112',
    resources: [
      { name: 'Numéro national de prévention du suicide', contact: '3114', serves: 'everyone' },
      { name: 'Violences Femmes Info', contact: '3919', serves: 'abuse' },
      { name: 'Allô Enfance en Danger', contact: '119', serves: 'children' },
    ],
  },
  ES: {
    emergency: '112',
    resources: [
      { name: 'Línea de atención a la conducta suicida', contact: '024', serves: 'everyone' },
      { name: 'Atención a la violencia de género', contact: '016', serves: 'abuse' },
    ],
  },
  IT: {
    emergency: '112',
    resources: [
      { name: 'Telefono Amico Italia', contact: '02 2327 2327', serves: 'everyone' },
      { name: 'Antiviolenza e stalking', contact: '1522', serves: 'abuse' },
      { name: 'Telefono Azzurro', contact: '19696', serves: 'children' },
    ],
  },
  NL: { emergency: '112', resources: [{ name: '113 Zelfmoordpreventie', contact: '113', serves: 'everyone' }] },
  IN: {
    emergency: '112',
    resources: [
      { name: 'Tele-MANAS', contact: '14416', serves: 'everyone' },
      { name: 'Childline', contact: '1098', serves: 'children' },
    ],
  },
};

/** Where to look in every other country. */
export const internationalResources: RegionResources = {
  emergency: 'your local emergency number (112 works in many countries)',
  resources: [{ name: 'Help lines in your country', contact: 'https://findahelpline.com', serves: 'everyone' }],
};
