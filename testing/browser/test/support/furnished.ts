import type { Sandbox } from '@talo/sandbox';
import type { Application } from '../../src/application.ts';
import { playStory } from '../../src/story.ts';
import { fill, type ViewName, views } from '../../src/views.ts';

/** Lets the story happen, and says where each view of it is. */
export async function furnish(sandbox: Sandbox, app: Application): Promise<ReadonlyMap<ViewName, string>> {
  const { split, customer } = await playStory(sandbox, app);
  const first = async (list: string): Promise<string> => {
    const response = await sandbox.fetch(`http://127.0.0.1/_sandbox/${list}?limit=1`);
    const { items } = (await response.json()) as { items: { id: string }[] };
    return items[0]?.id ?? '';
  };
  const values = {
    user: sandbox.merchant.credentials.userId,
    payment: split,
    customer,
    notice: await first('notices'),
    request: await first('requests'),
  };
  const places = Object.entries(views).map(([name, hash]) => [name as ViewName, fill(hash, values)] as const);
  return new Map(places);
}
