import { html } from 'hono/html';
import type { World } from '../../state/world.ts';
import { render } from './layout.ts';
import { type Language, words } from './words.ts';

/** A partner asks a merchant for consent. Its form posts back to the same address. */
export function authorizePage(
  { partner }: World,
  referredUserId: string | undefined,
  language: Language,
): Promise<Response> {
  const say = words[language];
  const title = say.authorizeTitle(partner.name);
  return render({
    title,
    language,
    words: say,
    // a browser holds the redirect after the form to this, too
    formTargets: [new URL(partner.redirectUri).origin].filter((origin) => origin !== 'null'),
    body: html`<h1>${title}</h1>
<p>${say.authorizeIntro(partner.name)}</p>
${referredUserId === undefined ? '' : html`<p class="muted">${say.authorizeFor(referredUserId)}</p>`}
<h2 class="muted" id="may">${say.may}</h2>
<ul aria-labelledby="may">${say.mayList.map((each) => html`<li>${each}</li>`)}</ul>
<p class="muted">${say.mayNot}</p>
<p class="muted">${say.commission(partner.commission)}</p>
<form method="post"><button class="primary wide" type="submit">${say.allow}</button></form>
<a class="button wide" href="${denied(partner.redirectUri)}">${say.deny}</a>
<p class="muted">${say.after}</p>`,
  });
}

/** As OAuth words it. What Talo does is unknown. */
function denied(redirectUri: string): string {
  const back = new URL(redirectUri);
  back.searchParams.set('error', 'access_denied');
  return back.href;
}
