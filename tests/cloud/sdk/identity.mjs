// SPDX-License-Identifier: GPL-3.0-or-later
// STS through the official package, and the places where the official credentials package looks.
import http from 'node:http';
import { client, errorOf, key, need, standin, tell, temporary } from './tool.mjs';

const sts = need('@alicloud/sts20150401');
const { default: Credential, Config } = need('@alicloud/credentials');
const arnOf = async (who) => (await client(sts.default, who).getCallerIdentity()).body.arn;

// That package asks 100.100.100.200 for the metadata; whoever asks that gets the stand-in.
const connect = http.Agent.prototype.createConnection;
http.Agent.prototype.createConnection = function createConnection(options, ready) {
  const metadata = options.host === '100.100.100.200';
  return connect.call(this, metadata ? { ...options, host: '127.0.0.1', port: standin.split(':')[1] } : options, ready);
};

async function found(settings) {
  const { accessKeyId, accessKeySecret, securityToken, providerName } =
    await new Credential(new Config(settings)).getCredential();
  return { id: accessKeyId, secret: accessKeySecret, token: securityToken, providerName };
}
const standinSays = (path, what) => fetch(`http://${standin}${path}`, { method: 'POST', body: JSON.stringify(what) });

tell('root', await arnOf(key));
tell('session', await arnOf(temporary));
tell('wrong-secret', await errorOf(() => arnOf({ ...key, secret: 'wrong' })));
const assume = (roleArn) => client(sts.default, key).assumeRole(
  new sts.AssumeRoleRequest({ roleArn, roleSessionName: 'sdk', durationSeconds: 900 }));
const { credentials } = (await assume('acs:ram::1000000000000001:role/imgvet-demo-role')).body;
const assumed = { id: credentials.accessKeyId, secret: credentials.accessKeySecret, token: credentials.securityToken };
tell('assumed', await arnOf(assumed));
tell('assumed-for', Math.round((Date.parse(credentials.expiration) - Date.now()) / 60e3));
tell('no-role', await errorOf(() => assume('acs:ram::1000000000000001:role/nobody')));

const uri = { type: 'credentials_uri', credentialsURI: `http://${standin}/_credentials` };
tell('uri', await arnOf(await found(uri)));
tell('metadata-no-role', await found({ type: 'ecs_ram_role' }).then(() => 'found', () => 'nothing'));
for (const demand of [false, true]) {
  await standinSays('/_set', { metadata: { role: 'sdk-role', demand } });
  const given = await found({ type: 'ecs_ram_role' });
  tell(demand ? 'metadata-token' : 'metadata', [given.providerName, await arnOf(given)]);
}
process.exit(0); // or the package's connections keep it for seconds
