// not by name: a Node that is too old has none, and is to hear so from sqliteInbox() and not from its import
import crypto from 'node:crypto';

/**
 * What a text is found by: 48 bits of it in an index, then the text itself. An index of whole keys is several times as
 * large, and as keys come in no order each insertion would touch, and write, another page of it.
 */
export function hashOf(text: string): number {
  return Number.parseInt(crypto.hash('sha1', text).slice(0, 12), 16);
}
