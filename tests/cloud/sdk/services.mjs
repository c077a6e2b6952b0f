// SPDX-License-Identifier: GPL-3.0-or-later
// RAM through its package.  ResourceSharing, KMS and the resource directory have none of this kind: their
// calls go through what the packages are made of, which signs, flattens the lists and reads the answers.
import { client, errorOf, key, need, tell } from './tool.mjs';

const { default: Client, $OpenApiUtil, OpenApiUtil } = need('@alicloud/openapi-core');
const ram = need('@alicloud/ram20150501');

const role = (roleName) => client(ram.default, key).getRole(new ram.GetRoleRequest({ roleName }));
tell('role', (await role('imgvet-demo-role')).body.role.arn);
tell('no-role', await errorOf(() => role('nobody')));

const core = client(Client, key);
const caller = (version) => async (action, query) => (await core.callApi(
  new $OpenApiUtil.Params({
    action, version, protocol: 'HTTP', pathname: '/', method: 'POST', authType: 'AK', style: 'RPC', reqBodyType: 'formData', bodyType: 'json',
  }),
  new $OpenApiUtil.OpenApiRequest({ query: OpenApiUtil.query(query) }), {})).body;
const sharing = caller('2020-01-10');
const directory = caller('2022-04-19');
const kms = caller('2016-01-20');

tell('key', (await kms('DescribeKey', { KeyId: 'key-hzzcustomer01' })).KeyMetadata.KeyState);
tell('folders', (await directory('ListFoldersForParent', {})).Folders.Folder.map((f) => f.FolderId));
const ResourceShareId = (await sharing('CreateResourceShare', {
  ResourceShareName: 'sdk', Targets: ['fd-imgvetprod', 'fd-imgvetdev'],
  Resources: [{ ResourceId: 'm-bp1imgvetdemo001', ResourceType: 'Image' }],
})).ResourceShare.ResourceShareId;
const associations = async (AssociationType) => {
  let states;
  for (let look = 0; look < 5; look += 1) {
    states = (await sharing('ListResourceShareAssociations', { AssociationType, ResourceShareIds: [ResourceShareId] }))
      .ResourceShareAssociations.map((a) => `${a.EntityId}:${a.AssociationStatus}`);
  }
  return states;
};
tell('targets', await associations('Target'));
tell('resources', await associations('Resource'));
await sharing('DeleteResourceShare', { ResourceShareId });
tell('unknown', await errorOf(() => sharing('NoSuchCall', {})));
