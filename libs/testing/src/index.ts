/**
 * What specs need more than once.
 *
 * Promise: real files in real directories that are removed by themselves; failures are injected into real calls.
 * Not promised: stability; nothing that ships may import this, and lint refuses it (the demo may, for its sample instance).
 * Invariant: this library imports no other library of the project, so every spec may use it.
 */
export { removeTestTree, tempDir } from './temp-dir';
export { hasCapabilities } from './capabilities';
export type { Capability } from './capabilities';
export { canMount } from './can-mount';
export { skipped, skippedGroup } from './skipped';
export { directory, file, nodeOf, sha256Of, symlink } from './tree';
export type { Attributes, NodeSnapshot, Tree, TreeNode, TreeSnapshot } from './tree';
export { writeTree } from './write-tree';
export { expectTree, readTree } from './read-tree';
export { everythingIn } from './everything';
export { noise } from './noise';
export { arbitraryTree } from './arbitrary-tree';
export type { ArbitraryTreeOptions } from './arbitrary-tree';
export { failNthCall } from './fail-nth-call';
export type { FailureInjection, FailureOptions } from './fail-nth-call';
export type { FsCall } from './injected-calls';
export { forEachFailure } from './for-each-failure';
export type { FailureAttempt, Outcome } from './for-each-failure';
export { LINK_ENTRIES_FIXTURE, ODDLY_NAMED_FIXTURES, QWENPAW_FIXTURES, qwenpawFixture } from './qwenpaw-fixture';
export type { QwenpawFixture } from './qwenpaw-fixture';
export { SAMPLE_TIME } from './sample-agents';
export type { SampleAgent } from './sample-agents';
export { sampleInstance } from './sample-instance';
export type { SampleInstance, SampleInstanceOptions } from './sample-instance';
export { extraField, forgeZip, zip64Numbers } from './zip-forger';
export type { ForgedCentral, ForgedEntry, ForgedFields, ForgeOptions } from './zip-forger';
export { mutateZip } from './mutate-zip';
export { SeededRandom } from './seeded-random';
export { runTool, ZIP_TOOLS } from './zip-tools';
export type { ZipTool } from './zip-tools';
export { httpClient, HttpError } from './http-client';
export type { HttpClient } from './http-client';
export { descendantsOf, isRunning, peakMemory, resetPeakMemory } from './processes';
export type { ProcessInfo } from './processes';
export { neutralEnvironment, startStandalone } from './standalone';
export type { Ending, Standalone, StandaloneOptions } from './standalone';
export { CHROMIUM } from './chromium';
export { KubernetesServer } from './kubernetes-server';
