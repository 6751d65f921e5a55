const KEY = 'pawvault.token';

/** Where a token is kept: `sessionStorage`, so that it is this tab's alone and gone when the tab closes. */
export interface TokenPlace {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface SessionToken {
  get: () => string | null;
  set: (token: string) => void;
  forget: () => void;
}

/** The token of this tab. A browser that refuses storage keeps it for as long as the page is open. */
export function sessionToken(place: TokenPlace | null): SessionToken {
  let held = attempt(() => place?.getItem(KEY)) ?? null;
  return {
    get: () => held,
    set(token) {
      held = token;
      attempt(() => place?.setItem(KEY, token));
    },
    forget() {
      held = null;
      attempt(() => place?.removeItem(KEY));
    },
  };
}

function attempt<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    // Storage may be full or forbidden; the page works without.
    return null;
  }
}
