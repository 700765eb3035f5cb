import { randomBytes } from 'node:crypto';
import { html, raw } from 'hono/html';
import type { Language, PageWords } from './words.ts';

export type Html = ReturnType<typeof html>;

const STYLE = `
:root{color-scheme:light dark;--ground:#f5f6f8;--card:#fff;--text:#14181f;--muted:#5a6472;--line:#d9dee6;--accent:#0b57d0;--on-accent:#fff;--good:#0a6b3d;--bad:#a3271f;--warn:#7a4f00}
@media(prefers-color-scheme:dark){:root{--ground:#0e1116;--card:#171b22;--text:#eef1f5;--muted:#a3adbb;--line:#2d343f;--accent:#8ab4ff;--on-accent:#06193a;--good:#6fd6a0;--bad:#ff9d95;--warn:#f2c46d}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
.note{margin:0;padding:.5rem 1rem;text-align:center;font-size:.875rem;background:var(--text);color:var(--ground)}
main{max-width:28rem;margin:1.5rem auto;padding:1.5rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem}
@media(max-width:30rem){main{margin:0;border-width:0 0 1px;border-radius:0;padding:1.25rem 1rem}}
h1{margin:0 0 .25rem;font-size:1.25rem;line-height:1.3}
p{margin:.5rem 0}
.muted{color:var(--muted);font-size:.9375rem}
.amount{margin:.25rem 0 1rem;font-size:2.25rem;font-weight:650;line-height:1.15;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
dl{margin:1rem 0 0}
.row{display:grid;grid-template-columns:1fr auto;align-items:center;gap:0 .75rem;padding:.625rem 0;border-top:1px solid var(--line)}
dt{grid-column:1;color:var(--muted);font-size:.875rem}
dd{grid-column:1;margin:0;font-weight:550;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.row button{grid-row:1/3;grid-column:2}
button,.button{font:inherit;font-weight:600;padding:.5rem .875rem;border:1px solid var(--line);border-radius:.5rem;background:transparent;color:var(--accent);cursor:pointer;text-decoration:none;display:inline-block}
.primary{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
.wide{width:100%;text-align:center;padding:.75rem;margin-top:.75rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.state{margin:0 0 1rem;padding:.75rem 1rem;border:1px solid currentColor;border-radius:.5rem;font-weight:600}
.state[data-tone=good]{color:var(--good)}.state[data-tone=bad]{color:var(--bad)}.state[data-tone=warn]{color:var(--warn)}.state[data-tone=wait]{color:var(--muted)}
ul{padding-left:1.25rem;margin:.25rem 0 1rem}
[hidden]{display:none!important}
`;

/** A page for people, with nothing that comes from elsewhere and nothing that runs but its own script. */
export interface Page {
  readonly title: string;
  readonly language: Language;
  readonly words: PageWords;
  readonly body: Html;
  readonly script?: string;
  /** Where its form may lead, beside here. */
  readonly formTargets?: readonly string[];
}

export async function render({
  title,
  language,
  words,
  body,
  script,
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
<style nonce="${nonce}">${raw(STYLE)}</style>
</head>
<body>
<p class="note" role="note">${words.sandbox}</p>
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
    headers: {
      'content-type': 'text/html; charset=UTF-8',
      'content-security-policy': policy.join('; '),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  });
}
