/** What the engine takes at most. */
export const LIMIT = 16 * 1024;

/** The same notification, `length` bytes long: by a field, because blanks do not survive a parser. */
export function padded(body: string, length: number): string {
  const frame = `${body.slice(0, -1)},"pad":""}`;
  return frame.replace('"pad":""', `"pad":"${'x'.repeat(length - Buffer.byteLength(frame))}"`);
}
