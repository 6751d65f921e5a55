// Who may import whom. docs/architecture.md explains the direction; boundaries.spec.ts proves that a violation fails.

/** Project → the projects that it may import. A project that is missing here may import none. */
const DIRECTION = {
  contracts: [],
  'durable-fs': ['contracts'],
  archive: ['contracts', 'durable-fs'],
  store: ['contracts', 'durable-fs', 'archive'],
  engine: ['contracts', 'durable-fs', 'archive', 'store'],
  queue: ['contracts'],
  config: ['contracts'],
  'embedded-redis': ['contracts'],
  tracing: [],
  gateway: ['contracts', 'store', 'queue', 'config', 'tracing'],
  worker: ['contracts', 'engine', 'store', 'queue', 'config', 'tracing'],
  console: ['contracts'],
  standalone: ['contracts', 'config', 'embedded-redis'],
  // The sample instance that the demo shows is the one that the specs use.
  demo: ['contracts', 'config', 'embedded-redis', 'testing'],
  e2e: ['contracts', 'config', 'embedded-redis', 'testing', 'archive', 'store', 'queue'],
  bench: ['contracts', 'durable-fs', 'archive', 'store', 'engine', 'testing'],
  testing: [],
  tools: [],
};

/** Package → the projects that may import it. Everything that is not listed is free for all but the contracts. */
const OWNERS = {
  '@nestjs/*': ['gateway', 'worker'],
  'nestjs-pino': ['gateway', 'worker'],
  archiver: ['archive', 'bench'],
  unzipper: ['archive', 'bench'],
  bullmq: ['queue', 'e2e'],
  ioredis: ['queue', 'embedded-redis', 'e2e'],
  'js-redis-server': ['embedded-redis'],
  'jsonc-parser': ['engine'],
  jsonrepair: ['engine'],
  '@opentelemetry/*': ['tracing'],
  'class-validator': ['queue', 'config', 'gateway', 'worker'],
  'class-transformer': ['queue', 'config', 'gateway', 'worker'],
};

/** Specs may go further than the code beside them: they drive a real queue against each Redis server. */
const SPEC_OWNERS = {
  ...OWNERS,
  bullmq: [...OWNERS.bullmq, 'embedded-redis'],
  archiver: [...OWNERS.archiver, 'engine', 'store'],
};

function constraintsOf(direction, owners) {
  return Object.entries(direction).map(([project, allowed]) => ({
    sourceTag: `scope:${project}`,
    onlyDependOnLibsWithTags: [project, ...allowed].map((name) => `scope:${name}`),
    bannedExternalImports: Object.keys(owners).filter((name) => !owners[name].includes(project)),
  }));
}

/** For the code that ships. The contracts also run in a browser and import no package at all. */
export const codeConstraints = [
  ...constraintsOf(DIRECTION, OWNERS),
  { sourceTag: 'scope:contracts', allowedExternalImports: [] },
];

/** The specs of queue, gateway and worker run against real servers, which the embedded Redis brings up. */
const SPEC_DIRECTION = {
  ...DIRECTION,
  queue: [...DIRECTION.queue, 'embedded-redis'],
  gateway: [...DIRECTION.gateway, 'embedded-redis'],
  worker: [...DIRECTION.worker, 'embedded-redis'],
};

const withTesting = Object.fromEntries(
  Object.entries(SPEC_DIRECTION).map(([project, allowed]) => [
    project,
    project === 'contracts' ? allowed : [...allowed, 'testing'],
  ]),
);

/** For specs, which may also import the testing library. */
export const specConstraints = constraintsOf(withTesting, SPEC_OWNERS);
