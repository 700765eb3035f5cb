import { memoryInbox } from '@talo/core/webhooks';
import { type InboxFactory, inboxConformance, walks } from '@talo/inbox-conformance';

const make: InboxFactory = () => ({ inbox: memoryInbox({ bound: 25_000 }) });
const runs: readonly Promise<void>[] = inboxConformance.map(({ run }) => run(make));
// @ts-expect-error: an inbox is made anew for each case
walks(memoryInbox(), { runs: 300 });
void runs;
