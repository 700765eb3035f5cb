import { randomBytes } from 'node:crypto';
import { html, raw } from 'hono/html';
import { style } from './style.ts';
import type { Language, PageWords } from './words.ts';

export type Html = ReturnType<typeof html>;

/** A page for people, with nothing that comes from elsewhere and nothing that runs but its own script. */
export interface Page {
  readonly title: string;
  readonly language: Language;
  readonly words: PageWords;
  readonly body: Html;
  readonly script?: string;
  /** Default 200. */
  readonly status?: number;
  /** Where its form may lead, beside here. */
  readonly formTargets?: readonly string[];
}

export async function render({
  title,
  language,
  words,
  body,
  script,
  status = 200,
  formTargets = [],
}: Page): Promise<Response> {
  const nonce = randomBytes(16).toString('base64');
  const page = await html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style nonce="${nonce}">${raw(style)}</style>
</head>
<body>
<header class="note">${words.sandbox}</header>
<main>
${body}
</main>
${script === undefined ? '' : html`<script nonce="${nonce}">${raw(script)}</script>`}
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return new Response(String(page), {
    status,
    headers: {
      'content-type': 'text/html; charset=UTF-8',
      'content-security-policy': policy.join('; '),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  });
}
