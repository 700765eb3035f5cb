// Talo as seen from a confirming GET, in a process of its own and as cheap as it can be: one payment for every id, or no
// answer at all. Where Talo's behaviour matters, the sandbox takes this place.
import { createServer } from 'node:http';
import { answerParent, givenSettings } from './child.ts';
import { ACCOUNT } from './world.ts';

const { manner } = givenSettings<{ readonly manner: 'hangs' | 'answers' }>();
let gets = 0;
let open = 0;

const server = createServer((incoming, outgoing) => {
  incoming.resume();
  gets++;
  open++;
  outgoing.once('close', () => {
    open--;
  });
  if (manner === 'hangs') return;
  const id = decodeURIComponent(incoming.url?.split('/').at(-1) ?? '');
  outgoing.writeHead(200, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify({ message: 'ok', error: false, code: 200, data: payment(id) }));
});
await new Promise<void>((resolve) => {
  server.listen(0, '127.0.0.1', resolve);
});
const address = server.address();

export const commands = {
  port: () => (typeof address === 'object' && address !== null ? address.port : 0),
  counts: () => ({ gets, open }),
};
answerParent(commands);

/** Open, and ours by what it echoes: nothing changes however often it is looked at. */
function payment(id: string) {
  return {
    id,
    payment_status: 'PENDING',
    status: 'PENDING',
    user_id: ACCOUNT,
    external_id: id.replace('VAR-', 'order-'),
    price: { amount: 1, currency: 'ARS' },
    payment_options: ['transfer'],
    quotes: [],
    payment_url: `https://talo.com.ar/payments/${id}`,
    redirect_url: 'https://shop.example/thanks',
    motive: 'Order',
    transactions: [],
    creation_timestamp: '2026-01-01T11:00:00.000Z',
    expiration_timestamp: '2036-01-06T11:00:00.000Z',
    last_modified_timestamp: '2026-01-01T12:00:00.000Z',
  };
}
