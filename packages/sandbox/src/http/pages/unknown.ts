import { html } from 'hono/html';
import { render } from './layout.ts';
import { type Language, words } from './words.ts';

/** For a person who came with an address of nothing: of before a reset, or cut off. */
export function unknownPage(language: Language): Promise<Response> {
  const say = words[language];
  return render({
    title: say.unknown,
    language,
    words: say,
    status: 404,
    body: html`<h1>${say.unknown}</h1>
<p>${say.unknownWhy}</p>
<a class="button wide" href="/">${say.toDashboard}</a>`,
  });
}
