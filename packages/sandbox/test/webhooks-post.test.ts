import { expect, test } from 'vitest';
import { createSandbox, type Sandbox } from '../src/index.ts';
import { controlOf } from './control/support.ts';

async function told(sandbox: Sandbox): Promise<void> {
  const { body } = await controlOf(sandbox)('POST /payments', {
    body: { price: 10, webhookUrl: 'https://a.example/' },
  });
  sandbox.bank.transfer({ to: body.cvu, amount: 10 });
}

/** An answer that begins, and whose body does as `then` says. */
function answering(then: (controller: ReadableStreamDefaultController<Uint8Array>) => void): () => Response {
  let begun = false;
  return () => {
    const body = new ReadableStream<Uint8Array>({
      start: () => {
        begun = false;
      },
      pull(controller) {
        if (begun) return then(controller);
        begun = true;
        controller.enqueue(new TextEncoder().encode('tak'));
      },
    });
    return new Response(body);
  };
}

test('an answer whose body stalls is no answer in time, and is tried again', async () => {
  const sandbox = createSandbox({
    clock: 'virtual',
    delivery: { timeoutMs: 50, retry: [1000] },
    receiver: answering(() => undefined),
  });
  await told(sandbox);
  await sandbox.idle();
  expect(sandbox.deliveries).toMatchObject([
    { attempt: 1, outcome: 'timeout', status: 200, reason: 'its body had not ended within 50 ms' },
  ]);
  await sandbox.clock.advance({ seconds: 1 });
  await sandbox.idle();
  expect(sandbox.deliveries).toMatchObject([{ attempt: 1 }, { attempt: 2, outcome: 'timeout' }]);
});

test('an answer whose body breaks off was given all the same', async () => {
  const sandbox = createSandbox({
    clock: 'virtual',
    receiver: answering((controller) => controller.error(new Error('gone'))),
  });
  await told(sandbox);
  await sandbox.idle();
  expect(sandbox.deliveries).toMatchObject([{ outcome: 'delivered', status: 200 }]);
});

test('a receiver that hangs is given up also when time is stopped meanwhile', async () => {
  let asked = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const sandbox = createSandbox({
    delivery: { timeoutMs: 50, retry: 'none' },
    receiver: () => {
      asked();
      return new Promise<Response>(() => undefined);
    },
  });
  await told(sandbox);
  await reached;
  sandbox.clock.freeze();
  await sandbox.idle();
  expect(sandbox.deliveries).toMatchObject([{ outcome: 'timeout', reason: 'no answer within 50 ms' }]);
});
