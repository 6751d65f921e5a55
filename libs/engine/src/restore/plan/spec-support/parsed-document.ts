import { type JsonDocument, readJsonDocument, UnreadableJson } from '../../../instance/json/json-document';

/** @throws Error with the fault of what is no JSON object */
export function parsedDocument(content: string | Buffer): JsonDocument {
  const document = readJsonDocument(Buffer.from(content));
  if (document instanceof UnreadableJson) throw new Error(JSON.stringify(document.fault));
  return document;
}
