const STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** RFC 4648 section 4: files inside a scenario document. */
export function encodeBase64(bytes: Uint8Array): string {
  const text = encode(bytes, STANDARD);
  return text + "=".repeat((4 - (text.length % 4)) % 4);
}

/** Null for anything but the one text that `encodeBase64` gives for some bytes. */
export function decodeBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const digits = text.slice(0, text.length - padding);
  return (4 - (digits.length % 4)) % 4 === padding ? decode(digits, STANDARD) : null;
}

/** RFC 4648 section 5, without padding: what may stand in a URL as it is. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encode(bytes, URL_SAFE);
}

/** Null for anything but the one text that `encodeBase64Url` gives for some bytes. */
export function decodeBase64Url(text: string): Uint8Array | null {
  return decode(text, URL_SAFE);
}

function encode(bytes: Uint8Array, alphabet: string): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const digits =
      alphabet.charAt(a >> 2) +
      alphabet.charAt(((a & 3) << 4) | (b >> 4)) +
      alphabet.charAt(((b & 15) << 2) | (c >> 6)) +
      alphabet.charAt(c & 63);
    parts.push(digits.slice(0, Math.min(4, bytes.length - i + 1)));
  }
  return parts.join("");
}

function decode(digits: string, alphabet: string): Uint8Array | null {
  if (digits.length % 4 === 1) return null;
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const digit of digits) {
    const value = alphabet.indexOf(digit);
    if (value < 0) return null;
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[at++] = (bits >> held) & 255;
    }
  }
  const leftOver = bits & ((1 << held) - 1);
  return leftOver === 0 ? bytes : null;
}
