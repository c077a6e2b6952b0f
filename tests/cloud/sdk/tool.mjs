// SPDX-License-Identifier: GPL-3.0-or-later
// What both drivers use: the packages from the folder $SDK, the stand-in at $STANDIN
// ("127.0.0.1:PORT"), and lines "name=value" on stdout for the shell to look at.
import { createRequire } from 'node:module';
import path from 'node:path';

const { SDK, STANDIN } = process.env;
export const need = createRequire(path.join(SDK, 'package.json'));
export const standin = STANDIN;
export const key = {
  id: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
  secret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
};
export const temporary = {
  id: 'imgvet-demo-sts-id',
  secret: 'imgvet-demo-sts-secret-that-opens-nothing',
  token: 'imgvet-demo/token+that=opens==nothing',
};

// A client of an RPC service's package: its default export, a key.
export function client(Client, { id, secret, token }) {
  const { $OpenApiUtil } = need('@alicloud/openapi-core');
  return new Client(new $OpenApiUtil.Config({
    accessKeyId: id, accessKeySecret: secret, securityToken: token, regionId: 'cn-hangzhou', endpoint: standin, protocol: 'HTTP',
  }));
}

export function tell(name, value) {
  console.log(`${name}=${Array.isArray(value) ? value.join(' ') : value}`);
}

// The code of the error that it ends with, or "nothing".
export async function errorOf(act) {
  try {
    await act();
    return 'nothing';
  } catch (error) {
    return error.code ?? error.name;
  }
}
