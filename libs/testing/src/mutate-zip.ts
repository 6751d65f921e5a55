import type { SeededRandom } from './seeded-random';

/** Numbers at the borders of what fields hold, and of what programs expect. */
const EDGES = [
  0n,
  1n,
  2n,
  8n,
  0x0fn,
  0x7fn,
  0xffn,
  0x7fffn,
  0xfffen,
  0xffffn,
  0x7fffffffn,
  0xffffffffn,
  2n ** 53n,
  2n ** 64n - 1n,
];

/** Records of a zip by their signature, and the fields of each: offset and width in bytes (APPNOTE 4.3). */
const RECORDS: [signature: string, fields: [at: number, bytes: 1 | 2 | 4 | 8][]][] = [
  [
    'PK\x03\x04',
    [
      [4, 2],
      [6, 2],
      [8, 2],
      [10, 4],
      [14, 4],
      [18, 4],
      [22, 4],
      [26, 2],
      [28, 2],
      [30, 1],
    ],
  ],
  [
    'PK\x01\x02',
    [
      [4, 1],
      [5, 1],
      [6, 2],
      [8, 2],
      [10, 2],
      [12, 4],
      [16, 4],
      [20, 4],
      [24, 4],
      [28, 2],
      [30, 2],
      [32, 2],
      [34, 2],
      [36, 2],
      [38, 2],
      [40, 2],
      [42, 4],
      [46, 1],
    ],
  ],
  [
    'PK\x05\x06',
    [
      [4, 2],
      [6, 2],
      [8, 2],
      [10, 2],
      [12, 4],
      [16, 4],
      [20, 2],
    ],
  ],
  [
    'PK\x06\x06',
    [
      [4, 8],
      [12, 2],
      [16, 4],
      [20, 4],
      [24, 8],
      [32, 8],
      [40, 8],
      [48, 8],
    ],
  ],
  [
    'PK\x06\x07',
    [
      [4, 4],
      [8, 8],
      [16, 4],
    ],
  ],
  [
    'PK\x07\x08',
    [
      [4, 4],
      [8, 4],
      [12, 4],
    ],
  ],
];

interface Field {
  at: number;
  bytes: 1 | 2 | 4 | 8;
}

type Mutation = (bytes: Buffer, random: SeededRandom, others: readonly Buffer[]) => Buffer;

const MUTATIONS: Record<string, Mutation> = {
  'a flipped bit': (bytes, random) => {
    const changed = Buffer.from(bytes);
    const at = random.below(bytes.length);
    changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
    return changed;
  },
  'another byte': (bytes, random) => {
    const changed = Buffer.from(bytes);
    changed[random.below(bytes.length)] = random.below(256);
    return changed;
  },
  'a cut': (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  'a lost range': (bytes, random) => {
    const [start, end] = range(bytes, random);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  'a doubled range': (bytes, random) => {
    const [start, end] = range(bytes, random);
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
  },
  'a range from elsewhere': (bytes, random, others) => {
    const donor = random.pick(others);
    const [start, end] = range(donor, random);
    const changed = Buffer.from(bytes);
    donor.copy(changed, random.below(bytes.length), start, end);
    return changed;
  },
  'the tail of another': (bytes, random, others) => {
    const donor = random.pick(others);
    return Buffer.concat([bytes.subarray(0, random.below(bytes.length)), donor.subarray(random.below(donor.length))]);
  },
  'a field at an edge': (bytes, random) =>
    withField(bytes, random, ({ bytes: width }) => random.pick(EDGES) & ((1n << BigInt(width * 8)) - 1n)),
  'a field off by a little': (bytes, random) =>
    withField(bytes, random, ({ bytes: width }, old) => BigInt.asUintN(width * 8, old + BigInt(random.below(65) - 32))),
  'the same lie in both headers': (bytes, random) => lieTwice(bytes, random),
};

/**
 * Damages an archive in one or two places, as chance or a forger would.
 * @param others archives that pieces are taken from
 */
export function mutateZip(
  bytes: Buffer,
  { random, others }: { random: SeededRandom; others: readonly Buffer[] },
): { what: string; bytes: Buffer } {
  const names = Array.from({ length: 1 + random.below(2) }, () => random.pick(Object.keys(MUTATIONS)));
  const changed = names.reduce((sofar, name) => (sofar.length === 0 ? sofar : apply(name, sofar)), bytes);
  return { what: names.join(' and '), bytes: changed };

  function apply(name: string, input: Buffer): Buffer {
    return MUTATIONS[name]?.(input, random, others) ?? input;
  }
}

function range(bytes: Buffer, random: SeededRandom): [start: number, end: number] {
  const start = random.below(bytes.length);
  return [start, Math.min(bytes.length, start + 1 + random.below(200))];
}

function placesOf(bytes: Buffer, signature: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(signature, 0, 'latin1'); at !== -1; at = bytes.indexOf(signature, at + 1, 'latin1'))
    places.push(at);
  return places;
}

const fieldsOf = (bytes: Buffer): Field[] =>
  RECORDS.flatMap(([signature, fields]) =>
    placesOf(bytes, signature).flatMap((place) => fields.map(([at, width]) => ({ at: place + at, bytes: width }))),
  ).filter(({ at, bytes: width }) => at + width <= bytes.length);

function withField(bytes: Buffer, random: SeededRandom, change: (field: Field, old: bigint) => bigint): Buffer {
  const fields = fieldsOf(bytes);
  if (fields.length === 0) return bytes;
  const field = random.pick(fields);
  const changed = Buffer.from(bytes);
  write(changed, field, change(field, read(changed, field)));
  return changed;
}

/** Version, flags, method, time, CRC, sizes: they stand in both headers, two bytes further on in the directory. */
function lieTwice(bytes: Buffer, random: SeededRandom): Buffer {
  const locals = placesOf(bytes, 'PK\x03\x04');
  const centrals = placesOf(bytes, 'PK\x01\x02');
  if (locals.length === 0 || locals.length !== centrals.length) return bytes;
  const which = random.below(locals.length);
  const [at, width] = random.pick<[number, 2 | 4]>([
    [6, 2],
    [8, 2],
    [10, 4],
    [14, 4],
    [18, 4],
    [22, 4],
  ]);
  const value = random.pick(EDGES) & ((1n << BigInt(width * 8)) - 1n);
  const changed = Buffer.from(bytes);
  for (const place of [(locals[which] ?? 0) + at, (centrals[which] ?? 0) + at + 2])
    if (place + width <= changed.length) write(changed, { at: place, bytes: width }, value);
  return changed;
}

function read(bytes: Buffer, { at, bytes: width }: Field): bigint {
  return width === 8 ? bytes.readBigUInt64LE(at) : BigInt(bytes.readUIntLE(at, width));
}

function write(bytes: Buffer, { at, bytes: width }: Field, value: bigint): void {
  if (width === 8) bytes.writeBigUInt64LE(value, at);
  else bytes.writeUIntLE(Number(value), at, width);
}
