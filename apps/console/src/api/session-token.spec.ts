import { sessionToken, type TokenPlace } from './session-token';

class Place extends Map<string, string> implements TokenPlace {
  getItem = (key: string): string | null => this.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.set(key, value);
  removeItem = (key: string): void => void this.delete(key);
}

const refuse = (): never => {
  throw new Error('SecurityError');
};

describe('the token of a tab', () => {
  it('survives a reload, until it is forgotten', () => {
    const place = new Place();
    sessionToken(place).set('secret');
    expect(sessionToken(place).get()).toBe('secret');
    sessionToken(place).forget();
    expect(sessionToken(place).get()).toBeNull();
    expect(place.size).toBe(0);
  });

  it.each([null, { getItem: refuse, setItem: refuse, removeItem: refuse }])('works without storage', (place) => {
    const token = sessionToken(place);
    expect(token.get()).toBeNull();
    token.set('secret');
    expect(token.get()).toBe('secret');
    token.forget();
    expect(token.get()).toBeNull();
  });
});
