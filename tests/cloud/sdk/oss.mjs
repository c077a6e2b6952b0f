// SPDX-License-Identifier: GPL-3.0-or-later
// The calls of OSS through the official package: oss.mjs v1|v4 FOLDER
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { errorOf, key, need, standin, tell, temporary } from './tool.mjs';

const OSS = need('ali-oss');
const [signing, folder] = process.argv.slice(2);
const authorizationV4 = signing === 'v4';
const bucket = 'imgvet-demo-bucket';

// An endpoint that is a number: the package puts the bucket into the Host.  One that is a name, with
// sldEnable: into the path.
function client({ id, secret, token }, more = {}) {
  return new OSS({
    region: 'oss-cn-hangzhou', accessKeyId: id, accessKeySecret: secret, stsToken: token,
    refreshSTSToken: token && (() => ({})), refreshSTSTokenInterval: 1e9,
    bucket, authorizationV4, endpoint: `http://${standin}`, ...more,
  });
}
const onPath = { endpoint: `http://${standin.replace('127.0.0.1', 'localhost')}`, sldEnable: true };
const digest = (data) => createHash('sha256').update(data).digest('hex');
const tellSame = (name, one, other) => tell(name, digest(one) === digest(other) ? 'same' : 'differs');

const cloud = client(key);
const name = `images/${signing} a+b/ä.txt`;
const text = Buffer.from('Have a nice day, whoever reads this.\n');

// --- whole objects ---
const put = await cloud.put(name, text, { mime: 'text/plain', meta: { maker: 'imgvet' } });
tell('put', put.res.status);
tell('put-etag', put.res.headers.etag === `"${createHash('md5').update(text).digest('hex').toUpperCase()}"`);
const got = await cloud.get(name);
tell('get', got.res.status);
tellSame('get-content', got.content, text);
tell('get-type', got.res.headers['content-type']);
const range = await cloud.get(name, { headers: { Range: 'bytes=5-10' } });
tell('range', [range.res.status, range.content, range.res.headers['content-range']]);
const beyond = await cloud.get(name, { headers: { Range: 'bytes=5-1000' } });
tell('range-beyond', [beyond.res.status, beyond.content.length]);
const head = await cloud.head(name);
tell('head', [head.status, head.res.headers['content-length'], head.meta.maker]);
tell('head-crc', head.res.headers['x-oss-hash-crc64ecma'] === put.res.headers['x-oss-hash-crc64ecma']);
tell('if-match', (await cloud.get(name, { headers: { 'If-Match': head.res.headers.etag } })).res.status);
tell('if-match-other', await errorOf(() => cloud.get(name, { headers: { 'If-Match': '"0000"' } })));
tellSame('path-style', (await client(key, onPath).get(name)).content, text);

await cloud.put('stream', Readable.from([text, text]));
tellSame('stream', (await cloud.get('stream')).content, Buffer.concat([text, text]));
await cloud.delete('stream');

// --- in parts ---
const big = randomBytes(450 * 1024);
const file = path.join(folder, `${signing}.img`);
fs.writeFileSync(file, big);
let stopped;
const interrupted = client(key);
const cut = await errorOf(() => interrupted.multipartUpload('disk.img', file, {
  partSize: 100 * 1024, parallel: 1,
  progress: (done, checkpoint) => {
    stopped = JSON.parse(JSON.stringify(checkpoint));
    if (stopped.doneParts.length === 2) interrupted.cancel();
  },
}));
tell('interrupted', [cut, stopped.doneParts.length]);
const uploads = await cloud.listUploads({ 'max-uploads': 10 });
tell('uploads', [uploads.uploads.length, uploads.uploads[0].name, uploads.uploads[0].uploadId === stopped.uploadId]);
const parts = await cloud.listParts('disk.img', stopped.uploadId, { 'max-parts': 10 });
tell('parts', parts.parts.map((p) => `${p.PartNumber}:${p.Size}`));
const done = await cloud.multipartUpload('disk.img', file, { checkpoint: stopped, parallel: 2 });
tell('complete', [done.res.status, done.etag.replace(/^"[0-9A-F]{32}/, '')]);
tellSame('complete-content', (await cloud.get('disk.img')).content, big);
await cloud.put('whole.img', big);
const crcOf = async (object) => (await cloud.head(object)).res.headers['x-oss-hash-crc64ecma'];
tell('complete-crc', await crcOf('disk.img') === await crcOf('whole.img'));
tell('uploads-left', (await cloud.listUploads({ 'max-uploads': 10 })).uploads.length);
const { uploadId } = await cloud.initMultipartUpload('given-up.img');
await cloud.abortMultipartUpload('given-up.img', uploadId);
tell('aborted', await errorOf(() => cloud.listParts('given-up.img', uploadId)));

// --- lists ---
const page = await cloud.listV2({ 'max-keys': 2 });
tell('list', page.objects.map((o) => `${o.name}:${o.size}`));
const next = await cloud.listV2({ 'max-keys': 2, 'continuation-token': page.nextContinuationToken });
tell('list-next', [...next.objects.map((o) => o.name), next.isTruncated]);
const old = await cloud.list({ 'max-keys': 10, delimiter: '/' });
tell('list-old', [...old.objects.map((o) => o.name), ...old.prefixes]);

// --- links ---
const byName = client(key, onPath);
const link = authorizationV4 ? await byName.signatureUrlV4('GET', 60, {}, name) : byName.signatureUrl(name, { expires: 60 });
tell('link', digest(Buffer.from(await (await fetch(link)).arrayBuffer())) === digest(text));
tell('link-bent', (await fetch(link.replace('disk', 'disc').replace(/%20a/, '%20b'))).status);
const given = client(temporary, onPath);
const short = authorizationV4 ? await given.signatureUrlV4('GET', 60, {}, name) : given.signatureUrl(name, { expires: 60 });
tell('link-temporary', (await fetch(short)).status);

// --- refused ---
tell('temporary', (await client(temporary).head(name)).status);
tell('wrong-token', await errorOf(() => client({ ...temporary, token: 'wrong' }).get(name)));
tell('no-token', await errorOf(() => client({ ...temporary, token: undefined }).get(name)));
tell('wrong-secret', await errorOf(() => client({ ...key, secret: 'wrong' }).get(name)));
tell('unknown-key', await errorOf(() => client({ ...key, id: 'nobody' }).get(name)));
tell('no-bucket', await errorOf(() => client(key, { bucket: 'imgvet-nobodys' }).get(name)));
tell('not-ours', await errorOf(() => client(key, { bucket: 'imgvet-not-ours' }).get(name)));
tell('skewed', await errorOf(() => client(key, { amendTimeSkewed: -3600e3 }).get(name)));

for (const object of [name, 'disk.img', 'whole.img']) await cloud.delete(object);
tell('deleted', await errorOf(() => cloud.get(name)));
tell('deleted-head', await errorOf(() => cloud.head('disk.img')));
tell('left', (await cloud.listV2({ 'max-keys': 10 })).objects.length);
