import { tokenStore } from './token-store';

describe('the token of the page', () => {
  it('is asked for once the gateway wants one, and again when it is refused', () => {
    const store = tokenStore(null);
    const seen: unknown[] = [];
    store.subscribe(() => seen.push(store.demand()));
    expect(store.demand()).toBeNull();
    store.refuse(null);
    store.set('wrong');
    store.refuse('wrong');
    store.set('right');
    expect(seen).toEqual(['missing', null, 'refused', null]);
  });

  it('is not taken for refused because of a request that was sent before it', () => {
    const store = tokenStore(null);
    store.set('right');
    store.refuse(null);
    store.refuse('older');
    expect(store.demand()).toBeNull();
  });

  it('can be forgotten', () => {
    const store = tokenStore(null);
    store.set('right');
    store.forget();
    expect([store.get(), store.demand()]).toEqual([null, 'missing']);
  });

  it('tells nobody who has left', () => {
    const store = tokenStore(null);
    let calls = 0;
    const leave = store.subscribe(() => (calls += 1));
    leave();
    store.forget();
    expect(calls).toBe(0);
  });
});
