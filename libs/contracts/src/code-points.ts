/**
 * Orders strings by Unicode code point, as Python does. JavaScript's own `<` orders by UTF-16 unit, which puts an astral
 * character (😀, from surrogates D800–DFFF) before U+E000–U+FFFF (～) and would break QwenPaw's signature.
 */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return order(x) - order(y);
  }
  return a.length - b.length;
}

/** Moves surrogates above the rest of the basic plane, keeping the order within both. */
function order(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
