import { TaloClient } from '@talo/core';
import { memoryInbox, TaloWebhooks } from '@talo/core/webhooks';
import { testSandbox } from '@talo/sandbox/testing';

const t = testSandbox();
const client = new TaloClient({ ...t.client });
const webhooks = t.connect(new TaloWebhooks({ client, inbox: memoryInbox() }));
const idle: Promise<void> = t.idle();
// @ts-expect-error: a delivery is about something with an id
t.expectDelivered({ about: 1 });
void [webhooks, idle];
