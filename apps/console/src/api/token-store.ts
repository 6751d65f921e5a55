import { sessionToken } from './session-token';

/** Why the page asks for a token: it has none, or the one that it has is not accepted. */
export type TokenDemand = 'missing' | 'refused';

type Listener = () => void;

/** The token of this tab, and whether the gateway wants one that it does not have. */
export interface TokenStore {
  get: () => string | null;
  set: (token: string) => void;
  forget: () => void;
  /** The gateway has answered that it does not accept what `used` says. */
  refuse: (used: string | null) => void;
  demand: () => TokenDemand | null;
  subscribe: (listener: Listener) => () => void;
}

export function tokenStore(place: Parameters<typeof sessionToken>[0]): TokenStore {
  const token = sessionToken(place);
  const listeners = new Set<Listener>();
  let demand: TokenDemand | null = null;
  const become = (next: TokenDemand | null): void => {
    demand = next;
    for (const listener of listeners) listener();
  };
  return {
    get: token.get,
    set(value) {
      token.set(value);
      become(null);
    },
    forget() {
      token.forget();
      become('missing');
    },
    // An answer to a request of before the token was entered says nothing about the token.
    refuse: (used) => used === token.get() && become(used === null ? 'missing' : 'refused'),
    demand: () => demand,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
