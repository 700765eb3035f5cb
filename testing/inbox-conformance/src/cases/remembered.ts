import assert from 'node:assert/strict';
import type { Inbox } from '@talo/core/webhooks';
import { conforms } from '../make.ts';
import type { ConformanceCase } from '../under-test.ts';

type Entry = Awaited<ReturnType<Inbox['recallAll']>>[number];

/** `recallAll`: what was remembered, a page at a time. */
export const remembered: readonly ConformanceCase[] = [
  conforms('all entries whose key begins like that are listed, and no others', async ({ inbox }) => {
    await inbox.remember([
      { key: '["a","cvu","1"]', value: 'one' },
      { key: '["a","cvu","2"]', value: 'two' },
      { key: '["a","cvx","3"]', value: 'other kind' },
      { key: '["a","cv', value: 'shorter' },
      { key: '["A","cvu","1"]', value: 'other case' },
    ]);
    const found = await inbox.recallAll('["a","cvu",', 10);
    const wanted: readonly Entry[] = [
      { key: '["a","cvu","1"]', value: 'one' },
      { key: '["a","cvu","2"]', value: 'two' },
    ];
    assert.deepEqual(sorted(found), wanted);
    assert.deepEqual(await inbox.recallAll('["b",', 10), []);
  }),

  conforms('a prefix is text, never a pattern', async ({ inbox }) => {
    await inbox.remember([{ key: 'a_1', value: '' }, ...['ab1', 'a%1', 'a*1'].map(entry)]);
    assert.deepEqual(keysOf(await inbox.recallAll('a_', 10)), ['a_1']);
    assert.deepEqual(keysOf(await inbox.recallAll('a%', 10)), ['a%1']);
    assert.deepEqual(keysOf(await inbox.recallAll('a*', 10)), ['a*1']);
  }),

  conforms('page by page each entry comes once, of any script', async ({ inbox }) => {
    const keys = [
      ...Array.from({ length: 250 }, (_, i) => `p ${i}`),
      'p ñ',
      'p 日本',
      'p 💸',
      'p \uffee',
      'p "',
    ];
    await inbox.remember([...keys.map(entry), ...['o', 'q', 'p'].map(entry)]);
    const listed: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await inbox.recallAll('p ', 60, after);
      assert.ok(page.length <= 60, `a page of 60 has ${page.length}`);
      listed.push(...page.map(({ key }) => key));
      assert.ok(listed.length <= keys.length, 'each page goes on after the one before');
      after = page.at(-1)?.key;
      if (page.length < 60) break;
    }
    assert.equal(listed.length, keys.length, 'no entry twice');
    assert.deepEqual(new Set(listed), new Set(keys));
    assert.deepEqual(await inbox.recallAll('p ', 60, listed.at(-1)), [], 'nothing after the last');
  }),

  conforms('a value that is replaced meanwhile keeps the place of its key', async ({ inbox }) => {
    await inbox.remember(['p1', 'p2', 'p3'].map(entry));
    const [first] = await inbox.recallAll('p', 1);
    if (first === undefined) assert.fail('three entries are there');
    const rest = await inbox.recallAll('p', 10, first.key);
    await inbox.remember([{ key: first.key, value: 'new' }]);
    assert.deepEqual(keysOf(await inbox.recallAll('p', 10, first.key)), keysOf(rest));
    assert.equal((await inbox.recallAll('p', 1))[0]?.value, 'new');
  }),
];

function entry(key: string): Entry {
  return { key, value: `value of ${key}` };
}

function keysOf(entries: readonly Entry[]): readonly string[] {
  return entries.map(({ key }) => key).sort();
}

function sorted(entries: readonly Entry[]): readonly Entry[] {
  return [...entries].sort((a, b) => (a.key < b.key ? -1 : 1));
}
