import { isIP } from 'node:net';

/** Tests of single values, by format alone. Each takes a trimmed, non-empty cell. Shared by detection and by the tests of fresh values. */

export const isEmail = (v: string): boolean => v.length <= 254 && /^[\p{L}\d.!#$%&'*+/=?^_`{|}~-]+@(?:[\p{L}\d](?:[\p{L}\d-]*[\p{L}\d])?\.)+\p{L}{2,63}$/u.test(v);

export const isUrl = (v: string): boolean => /^(?:https?|ftp):\/\/[^\s/$.?#][^\s]*$/i.test(v) || /^www\.[a-z\d-]+(?:\.[a-z\d-]+)+(?:\/\S*)?$/i.test(v);

export const isUuid = (v: string): boolean => /^\{?[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\}?$/i.test(v);

/** IPv4 or IPv6, with an optional port or prefix length. */
export const isIp = (v: string): boolean => isIP(v.replace(/\/\d{1,3}$/, '')) !== 0 || (/^\d+\.\d+\.\d+\.\d+:\d{1,5}$/.test(v) && isIP(v.slice(0, v.indexOf(':'))) === 4);

/** ISO 13616 lengths of the account number by country; a code that is not here is not an IBAN. */
export const ibanLengths: Readonly<Record<string, number>> = {
  AD: 24, AE: 23, AL: 28, AT: 20, AZ: 28, BA: 20, BE: 16, BG: 22, BH: 22, BR: 29, BY: 28, CH: 21, CR: 22, CY: 28, CZ: 24, DE: 22, DK: 18, DO: 28, EE: 20, EG: 29, ES: 24, FI: 18, FO: 18, FR: 27, GB: 22, GE: 22,
  GI: 23, GL: 18, GR: 27, GT: 28, HR: 21, HU: 28, IE: 22, IL: 23, IQ: 23, IS: 26, IT: 27, JO: 30, KW: 30, KZ: 20, LB: 28, LC: 32, LI: 21, LT: 20, LU: 20, LV: 21, LY: 25, MC: 27, MD: 24, ME: 22, MK: 19, MR: 27,
  MT: 31, MU: 30, NL: 18, NO: 15, PK: 24, PL: 28, PS: 29, PT: 25, QA: 29, RO: 24, RS: 22, SA: 24, SC: 31, SE: 24, SI: 19, SK: 24, SM: 27, ST: 25, SV: 28, TL: 23, TN: 24, TR: 26, UA: 29, VA: 22, VG: 24, XK: 20,
};

/** Remainder modulo 97 of the rearranged account number (ISO 7064 MOD 97-10); 1 when the check digits are right. */
export function ibanRemainder(iban: string): number {
  let remainder = 0;
  for (const c of iban.slice(4) + iban.slice(0, 4)) {
    const n = parseInt(c, 36);
    remainder = (remainder * (n > 9 ? 100 : 10) + n) % 97;
  }
  return remainder;
}
export function isIban(v: string): boolean {
  const compact = v.replace(/ /g, '').toUpperCase();
  return /^[A-Z]{2}\d{2}[A-Z\d]+$/.test(compact) && ibanLengths[compact.slice(0, 2)] === compact.length && ibanRemainder(compact) === 1;
}

/** The check digit of ISO/IEC 7812-1 annex B (Luhn): sum of digits, every second doubled from the right, is a multiple of ten. */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = digits.length - 1, twice = false; i >= 0; i--, twice = !twice) {
    const d = digits.charCodeAt(i) - 48;
    sum += twice ? (d > 4 ? 2 * d - 9 : 2 * d) : d;
  }
  return sum % 10 === 0;
}
/** A payment card number: 13 to 19 digits in an issuer's range, in groups or not, with a right check digit. */
export function isCreditCard(v: string): boolean {
  if (!/^\d(?:[ -]?\d){12,18}$/.test(v)) return false;
  const digits = v.replace(/\D/g, '');
  return /^(?:3[0-9]|4|5[0-9]|6[0-9]|2[2-7])/.test(digits) && luhn(digits);
}

/** United States social security number as written: 078-05-1120. Area 000, 666 and 900-999, group 00 and serial 0000 are never issued. */
export const isSsn = (v: string): boolean => /^(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}$/.test(v);

const isIsoDate = (v: string) => /^\d{4}([-/.])\d{1,2}\1\d{1,2}$|^\d{1,2}([-/.])\d{1,2}\2\d{2,4}$/.test(v);
/** Telephone numbers anyone would recognise without the column's name: a country code, an area code in brackets, or 555-555-0123. */
export const isPhoneStrong = (v: string): boolean => {
  const digits = v.replace(/\D/g, '').length;
  return digits >= 8 && digits <= 15 && !isIsoDate(v) &&
    (/^(?:\+|00)\d{1,3}[\s().\/-]*\d(?:[\s().\/-]*\d){5,13}(?:\s*(?:x|ext\.?)\s*\d{1,6})?$/i.test(v) || /^(?:1[\s.-]?)?\(\d{2,5}\)\s?\d[\d\s.-]{4,}\d(?:\s*(?:x|ext\.?)\s*\d{1,6})?$/i.test(v) || /^(?:1[.-])?\d{3}([.-])\d{3}\1\d{4}(?:\s*(?:x|ext\.?)\s*\d{1,6})?$/i.test(v));
};
/** Anything that may be a telephone number where the column says it is. */
export const isPhoneWeak = (v: string): boolean => {
  const digits = v.replace(/\D/g, '').length;
  return digits >= 6 && digits <= 16 && /^[+(\d][\d\s().\/-]*\d(?:\s*(?:x|ext\.?)\s*\d{1,6})?$/i.test(v) && !isIsoDate(v) && !/^\d+\.\d+$/.test(v);
};

const streetWords = /(?:^|[\s,.])(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|place|pl|way|terrace|square|sq|highway|hwy|parkway|pkwy|circle|cir|suite|apt|unit|po box|p\.o\. box|rue|avenida|calle|via|viale|piazza|plaza|platz|weg|allee|gasse|ulica|ul)(?=$|[\s,.])|(?:stra(?:ss|ß)e|str\.|weg|gasse|allee|straat|laan)(?=$|[\s,.\d])/iu;
/** A postal address: a house number and a street word. */
export const isAddress = (v: string): boolean => v.length >= 8 && v.length <= 200 && /\d/.test(v) && /\p{L}{3,}/u.test(v) && /\s/.test(v) && streetWords.test(v);

const word = String.raw`\p{Lu}[\p{L}'’.-]*`;
const particle = String.raw`(?:de|del|della|di|da|du|dos|van|von|der|den|ter|la|le|al|el|bin|ibn|y|of)`;
const capitalised = new RegExp(String.raw`^${word}(?: (?:${particle} )*${word}){1,4}(?:,? (?:Jr|Sr|II|III|IV|MD|PhD|DDS|DVM)\.?)?$`, 'u');
export const titles = String.raw`(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Lady|Master|Rev|Fr|Hr|Herr|Frau|Mme|Mlle|M|Don|Dona|Capt|Col|Major|Sr|Sra)`;
const titled = new RegExp(String.raw`(?:^|, |\s)${titles}\.? \p{Lu}`, 'u');
const lastFirst = new RegExp(String.raw`^(?:${particle} )*${word}(?: ${word})?, (?:${titles}\.? )?[\p{L}("'].*$`, 'u');
/** Two to five capitalised words, or "Last, First": the *shape* of a person's name, which "Mineral Water" has as well. */
export const hasNameShape = (v: string): boolean => v.length <= 100 && !/\d/.test(v) && (capitalised.test(v) || lastFirst.test(v));
/** A name with a title such as "Braund, Mr. Owen Harris" or "Dr. Jane Roe". */
export const hasTitle = (v: string): boolean => v.length <= 120 && titled.test(v) && (hasNameShape(v) || capitalised.test(v));
/** One to three words of letters: what a surname or first-name column holds. */
export const isNamePart = (v: string): boolean => v.length <= 40 && /^\p{L}[\p{L}'’.\-? ]*$/u.test(v) && v.split(/\s+/).length <= 4;
