import {
  archiveSignature,
  ARCHIVE_SCHEME,
  type ArchiveReader,
  headerForm,
  loadSigningKey,
  manifestSignatureState,
  openArchive,
  type RewindableHmac,
  sameSignature,
  type SignedMeta,
  startArchiveSignature,
} from '@pawvault/archive';
import {
  DomainError,
  type ErrorCode,
  type ImportCheck,
  type JobWarning,
  META_NAME,
  META_VERSION,
  type TrustState,
  type VerifyProblem,
} from '@pawvault/contracts';
import type { EngineDeps } from '../engine';
import type { JobContext } from '../job-context';
import { ProgressMeter } from '../progress-meter';
import { Findings, ProofHalted } from './findings';
import { checkManifest, type ManifestCheck } from './manifest-check';
import { proveContent } from './prove-content';
import { unknownEntriesWarnings } from './unknown-entries';

export interface ProveOptions {
  context: Pick<JobContext, 'signal' | 'onProgress'>;
  /** Whether one problem settles the matter, or all of them are of interest. */
  extent: 'first-problem' | 'everything';
  /**
   * Further signatures that are to be fed with the content, e.g. to sign the archive anew without reading it twice. Asked for once, when
   * structure, layout and metadata are proven. What they hold is worth nothing unless the proof is free of problems.
   */
  alsoFeed?: (archive: { reader: ArchiveReader; meta: SignedMeta }) => Promise<readonly RewindableHmac[]>;
}

export interface ArchiveProof {
  /** null when it could not be read. */
  meta: SignedMeta | null;
  /** 'mismatch' as long as nothing proves otherwise. */
  trust: Exclude<TrustState, 'unchecked'>;
  /** null when the archive could not be read so far. */
  manifest: ManifestCheck['state'] | null;
  entries: number;
  /** Of all content, inflated. */
  bytes: number;
  /** structure, layout, metadata, manifest, content, signature; what comes behind a problem that ended the proof is 'skipped'. */
  checks: ImportCheck[];
  /** The first 100 by archive order. */
  problems: VerifyProblem[];
  problemCount: number;
  /** About what is sound and yet worth knowing. */
  warnings: JobWarning[];
}

/** A key of the right form for archives that nobody here could have signed: content is proven all the same. */
const NO_KEY = Buffer.alloc(32);
/** What an archive is refused for when it is opened, and yet its bytes are a sound zip. */
const LAYOUT_CODES: ReadonlySet<ErrorCode> = new Set(['ARCHIVE_META_MISSING', 'ARCHIVE_UNEXPECTED_ENTRY']);

const TRUST_CODES = {
  unsigned: 'backup_legacy_unsigned',
  mismatch: 'backup_signature_mismatch',
  unknown_scheme: 'backup_unknown_signature_scheme',
} as const satisfies Record<Exclude<TrustState, 'valid' | 'unchecked'>, ErrorCode>;

/**
 * Proves a file to be a sound backup: structure, layout, metadata, the manifest against the directory, every entry against headers, size, CRC
 * and sha256, links, and both signatures. Each byte is read once. Damage is a result, not an error; so is a foreign signature.
 * @throws DomainError of the signing key; system errors as they are; the reason of the signal
 */
export async function proveArchive(deps: EngineDeps, path: string, options: ProveOptions): Promise<ArchiveProof> {
  const findings = new Findings(options.extent);
  const proof = new Proof(deps, findings, options);
  try {
    await proof.run(path);
  } catch (error) {
    options.context.signal.throwIfAborted();
    if (!(error instanceof ProofHalted)) findings.end(refusalOf(error));
  }
  const { meta, trust, manifest, entries, bytes, warnings } = proof;
  const { report: checks, first: problems, count: problemCount } = findings;
  return { meta, trust, manifest, entries, bytes, checks, problems, problemCount, warnings };
}

class Proof {
  meta: SignedMeta | null = null;
  trust: ArchiveProof['trust'] = 'mismatch';
  manifest: ArchiveProof['manifest'] = null;
  entries = 0;
  bytes = 0;
  warnings: JobWarning[] = [];

  constructor(
    private readonly deps: EngineDeps,
    private readonly findings: Findings,
    private readonly options: ProveOptions,
  ) {}

  async run(path: string): Promise<void> {
    const reader = await this.open(path);
    try {
      this.noteLayout(reader);
      const meta = await this.readMeta(reader);
      const meter = this.startMeter(reader, meta);
      const form = await this.proveManifest(reader);
      await this.proveContent(reader, { meta, meter, ...form });
    } finally {
      await reader.close();
    }
  }

  private async open(path: string): Promise<ArchiveReader> {
    this.findings.enter('structure');
    try {
      return await openArchive(path, this.deps.limits);
    } catch (error) {
      if (error instanceof DomainError && LAYOUT_CODES.has(error.code)) this.findings.enter('layout');
      throw error;
    }
  }

  private noteLayout(reader: ArchiveReader): void {
    this.findings.enter('layout');
    this.warnings = unknownEntriesWarnings(reader.entries);
    for (const { code, message } of this.warnings) this.findings.note(code, message);
  }

  private async readMeta(reader: ArchiveReader): Promise<SignedMeta> {
    this.findings.enter('metadata');
    this.meta = await reader.meta(this.deps.limits);
    if (this.meta.version === META_VERSION) return this.meta;
    const { code, message } = new DomainError('ARCHIVE_VERSION_UNSUPPORTED');
    this.findings.add({ code, path: META_NAME, message });
    return this.meta;
  }

  private startMeter(reader: ArchiveReader, meta: SignedMeta): ProgressMeter {
    this.entries = reader.entries.length;
    this.bytes = reader.entries.reduce((sum, { size }) => sum + size, 0);
    const files = reader.entries.filter(({ type }) => type !== 'directory').length;
    const { context } = this.options;
    const meter = new ProgressMeter({ bytes: this.bytes, files, agents: 0 }, (done) => context.onProgress(done));
    meter.enter('verifying', meta.name);
    return meter;
  }

  /** Where there is a manifest, headers are to be held to the form in which PawVault writes them, if it was PawVault that wrote them. */
  private async proveManifest(reader: ArchiveReader): Promise<{ manifest: ManifestCheck; ownHeaders: boolean }> {
    this.findings.enter('manifest');
    const manifest = await checkManifest(reader, (problem) => {
      this.manifest = 'damaged';
      this.findings.add(problem);
    });
    this.manifest = manifest.state;
    if (manifest.state === 'absent') return { manifest, ownHeaders: false };
    const { own, deviating } = await headerForm(reader, this.deps.limits);
    const message = 'the record in the zip directory was changed';
    for (const path of deviating) this.findings.add({ code: 'ARCHIVE_HEADER_MISMATCH', path, message });
    return { manifest, ownHeaders: own };
  }

  private async proveContent(
    reader: ArchiveReader,
    work: { meta: SignedMeta; meter: ProgressMeter; manifest: ManifestCheck; ownHeaders: boolean },
  ): Promise<void> {
    const { deps, findings, options } = this;
    const { meta, meter, manifest, ownHeaders } = work;
    const key = await loadSigningKey(deps.directories.backup_dir);
    const signature = startArchiveSignature(key ?? NO_KEY, meta.canonical);
    const further = (await options.alsoFeed?.({ reader, meta })) ?? [];
    findings.enter('content');
    await proveContent(reader, {
      pool: deps.pool,
      signal: options.context.signal,
      expectedHash: (entry) => manifest.facts.get(entry.name)?.sha256?.toString('hex') ?? null,
      signatures: [signature, ...further],
      ownHeaders,
      onProblem: (problem) => findings.add(problem),
      onProgress: (done) => meter.add(done),
    });
    findings.enter('signature');
    this.trust = await trustOf(reader, { meta, key, computed: archiveSignature(signature) });
    if (this.trust === 'valid') return;
    const { code, message } = new DomainError(TRUST_CODES[this.trust]);
    findings.defer(code, message);
  }
}

/** What speaks of the archive is a finding; anything else, e.g. an unusable key, says nothing about it. */
function refusalOf(error: unknown): DomainError {
  if (error instanceof DomainError && error.code.startsWith('ARCHIVE_')) return error;
  throw error;
}

/** Both signatures must agree: one that was cut off or forged must not hide behind the other. */
async function trustOf(
  reader: ArchiveReader,
  proof: { meta: SignedMeta; key: Buffer | null; computed: string },
): Promise<ArchiveProof['trust']> {
  const { meta, key, computed } = proof;
  if (meta.signature === null) return 'unsigned';
  if (!meta.signature.startsWith(`${ARCHIVE_SCHEME}:`)) return 'unknown_scheme';
  if (key === null || !sameSignature(meta.signature, computed)) return 'mismatch';
  // A QwenPaw that re-signs drops the manifest signature; then the archive signature alone decides.
  if (meta.manifest_signature === null) return 'valid';
  const state = await manifestSignatureState(reader, meta, key);
  return state === 'unchecked' ? 'valid' : state;
}
