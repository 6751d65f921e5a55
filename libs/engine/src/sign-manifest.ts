import { type ArchiveReader, manifestSignature, startManifestSignature } from '@pawvault/archive';
import { MANIFEST_NAME } from '@pawvault/contracts';

/** The signature of an archive's manifest under new metadata, or null where it has no manifest. Reads nothing but the manifest. */
export async function signManifest(
  reader: ArchiveReader,
  signing: { key: Buffer; canonical: string },
): Promise<string | null> {
  const entry = reader.get(MANIFEST_NAME);
  if (entry === undefined) return null;
  const hmac = startManifestSignature(signing.key, signing.canonical);
  for await (const piece of reader.content(entry)) hmac.update(piece);
  return manifestSignature(hmac);
}
