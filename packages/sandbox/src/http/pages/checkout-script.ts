import type { CheckoutState } from './checkout.ts';

interface Given {
  /** Where the state comes from. */
  readonly stream: string;
  readonly state: CheckoutState;
  readonly copied: string;
}

/** How long somebody can read that it is paid before the shop comes up again. */
const RETURN_MS = 5000;

/**
 * The checkout's script: copying, the time left, and the state as it changes. Plain, because it is all there is.
 *
 * A browser has six connections to one host, and each page that listens holds one: what nobody sees or what is paid
 * gives it back, and asks again when it is looked at.
 */
export function checkoutScript(given: Given): string {
  return `(() => {
const given = ${asScript({ ...given, returnMs: RETURN_MS })};
const part = (id) => document.getElementById(id);
let state = given.state, read = performance.now(), leaving, source;
for (const button of document.querySelectorAll('[data-copy]')) {
  const [seen, heard] = [button.firstElementChild, button.nextElementSibling];
  const label = seen.textContent;
  let ending;
  button.addEventListener('click', async () => {
    try { await navigator.clipboard.writeText(button.dataset.copy); }
    catch { getSelection().selectAllChildren(button.closest('.row').querySelector('[data-value]')); return; }
    seen.textContent = heard.textContent = given.copied;
    clearTimeout(ending);
    ending = setTimeout(() => { seen.textContent = label; heard.textContent = ''; }, 2000);
  });
}
function tick() {
  const now = state.now + (state.frozen ? 0 : performance.now() - read);
  const seconds = Math.max(0, Math.floor((state.expiresAt - now) / 1000));
  const two = (value) => String(value).padStart(2, '0');
  part('left').textContent = Math.floor(seconds / 3600) + ':' + two(Math.floor(seconds / 60) % 60) + ':' + two(seconds % 60);
}
function show(next) {
  state = next; read = performance.now();
  if (part('state').textContent !== state.message) part('state').textContent = state.message;
  part('state').dataset.tone = state.tone;
  part('label').textContent = state.amountLabel;
  part('amount').textContent = state.amount;
  part('copy-amount').dataset.copy = state.amountToType;
  part('copy-sum').hidden = !state.open;
  part('how').hidden = !state.open;
  part('stands').hidden = !state.frozen;
  const back = part('back');
  if (back) part('returning').hidden = !state.paid;
  if (back && state.paid && leaving === undefined) leaving = setTimeout(() => location.assign(back.href), given.returnMs);
  if (!state.paid && leaving !== undefined) { clearTimeout(leaving); leaving = undefined; }
  if (state.paid) hush();
  tick();
}
function hear() {
  source = new EventSource(given.stream);
  source.addEventListener('state', (event) => show(JSON.parse(event.data)));
}
function hush() {
  source?.close();
  source = undefined;
}
setInterval(tick, 1000);
document.addEventListener('visibilitychange', () => {
  if (document.hidden) hush();
  else if (!source) hear();
});
if (!document.hidden) hear();
})();`;
}

/** JSON that cannot end the script that it stands in. */
function asScript(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
