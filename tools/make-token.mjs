// Makes a token for PAWVAULT_TOKENS: the text goes to whoever is to have it, the line with its digest into the configuration.
import { createHash, randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';

const ROLES = ['viewer', 'operator', 'admin'];
const { values } = parseArgs({ options: { name: { type: 'string' }, role: { type: 'string' } } });
const { name = '', role = '' } = values;

if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name) || !ROLES.includes(role)) {
  console.error(`Usage: npm run token -- --name NAME --role ${ROLES.join('|')}`);
  console.error('NAME has 1 to 64 characters of a-z, 0-9, dot, underscore and hyphen.');
  process.exit(2);
}

const token = randomBytes(32).toString('base64url');
console.log(`token, shown only now:   ${token}`);
console.log(`add to PAWVAULT_TOKENS:  ${name}:${role}:${createHash('sha256').update(token).digest('hex')}`);
