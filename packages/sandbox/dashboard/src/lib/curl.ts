import type { RequestDetail } from '../../../src/control/contract.ts';

/** What curl adds by itself, or computes from the rest. */
const OWN = new Set([
  'host',
  'connection',
  'content-length',
  'user-agent',
  'accept-encoding',
  'accept-language',
  'sec-fetch-mode',
  'transfer-encoding',
]);

/** A request as a command for a POSIX shell. Secrets were masked when it was logged; the masks have to be replaced. */
export function asCurl({ method, url, requestHeaders, requestBody }: RequestDetail): string {
  const lines = [`curl ${method === 'GET' ? '' : `-X ${method} `}${quote(url)}`];
  for (const [name, value] of Object.entries(requestHeaders)) {
    if (!OWN.has(name.toLowerCase()) && !(name.toLowerCase() === 'accept' && value === '*/*')) {
      lines.push(`-H ${quote(`${name}: ${value}`)}`);
    }
  }
  if (requestBody) lines.push(`--data-raw ${quote(requestBody)}`);
  return lines.join(' \\\n  ');
}

/** In single quotes nothing has a meaning but the single quote. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
