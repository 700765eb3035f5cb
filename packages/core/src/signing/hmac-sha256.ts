/**
 * HMAC-SHA-256 (RFC 2104, FIPS 180-4), synchronous and without a dependency: WebCrypto is asynchronous and costs
 * twenty times as much for messages this short, and `node:crypto` is not everywhere. The state after the key block is
 * kept, so a signature costs two or three compressions.
 */
export type Mac = (message: string) => Uint8Array;

/** A MAC function that holds its key in a closure, where nothing can print it. */
export function hmacSha256(secret: string): Mac {
  const encoder = new TextEncoder();
  const scratch = new Int32Array(64);
  const bytes = encoder.encode(secret);
  const key = new Uint8Array(64);
  key.set(bytes.length > 64 ? digest(INITIAL, bytes, 0, scratch) : bytes);
  const inner = compress(INITIAL.slice(), padded(key, 0x36), 0, scratch);
  const outer = compress(INITIAL.slice(), padded(key, 0x5c), 0, scratch);
  return (message) => digest(outer, digest(inner, encoder.encode(message), 64, scratch), 64, scratch);
}

/** Whether two texts are equal, in time that depends on the length of the first alone. */
export function equalText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

type State = Int32Array;

/** Room for the message schedule; one per key, so nothing is allocated per block and nothing is shared. */
type Scratch = Int32Array;

function padded(key: Uint8Array, pad: number): Uint8Array {
  return key.map((byte) => byte ^ pad);
}

/** The hash of `message`, going on from `start`, which has already taken in `before` bytes. */
function digest(start: State, message: Uint8Array, before: number, scratch: Scratch): Uint8Array {
  const blocks = (message.length + 72) >>> 6;
  const input = new Uint8Array(blocks * 64);
  input.set(message);
  input[message.length] = 0x80;
  // lengths here are far below 2^29 bytes: the upper half of the 64-bit length stays zero
  const bits = (before + message.length) * 8;
  for (let i = 1; i <= 4; i++) input[input.length - i] = bits >>> (8 * (i - 1));
  const state = start.slice();
  for (let block = 0; block < blocks; block++) compress(state, input, block * 64, scratch);
  const output = new Uint8Array(32);
  for (let i = 0; i < 32; i++) output[i] = at(state, i >>> 2) >>> (24 - 8 * (i & 3));
  return output;
}

function compress(state: State, input: Uint8Array, offset: number, w: Scratch): State {
  for (let i = 0; i < 16; i++) {
    const p = offset + i * 4;
    w[i] =
      (byte(input, p) << 24) | (byte(input, p + 1) << 16) | (byte(input, p + 2) << 8) | byte(input, p + 3);
  }
  for (let i = 16; i < 64; i++) {
    const a = at(w, i - 15);
    const b = at(w, i - 2);
    const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3);
    const s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10);
    w[i] = (at(w, i - 16) + s0 + at(w, i - 7) + s1) | 0;
  }
  let a = at(state, 0);
  let b = at(state, 1);
  let c = at(state, 2);
  let d = at(state, 3);
  let e = at(state, 4);
  let f = at(state, 5);
  let g = at(state, 6);
  let h = at(state, 7);
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + at(ROUND, i) + at(w, i)) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = at(state, 0) + a;
  state[1] = at(state, 1) + b;
  state[2] = at(state, 2) + c;
  state[3] = at(state, 3) + d;
  state[4] = at(state, 4) + e;
  state[5] = at(state, 5) + f;
  state[6] = at(state, 6) + g;
  state[7] = at(state, 7) + h;
  return state;
}

function at(words: Int32Array, index: number): number {
  return words[index] as number;
}

function byte(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** The first 32 fractional bits of a root of each of the first primes: how FIPS 180-4 defines its constants. */
function fractions(count: number, root: (n: number) => number): State {
  const words = new Int32Array(count);
  for (let n = 2, i = 0; i < count; n++) {
    let divisor = 2;
    while (n % divisor !== 0) divisor++;
    if (divisor === n) words[i++] = (root(n) * 2 ** 32) | 0;
  }
  return words;
}

const INITIAL: State = /* @__PURE__ */ fractions(8, Math.sqrt);
const ROUND: State = /* @__PURE__ */ fractions(64, Math.cbrt);
