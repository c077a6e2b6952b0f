// SPDX-License-Identifier: GPL-3.0-or-later
// The calls of ECS through the official package.
import { client, errorOf, key, need, tell, temporary } from './tool.mjs';

const ecs = need('@alicloud/ecs20140526');
const regionId = 'cn-hangzhou';
const imageId = 'm-bp1imgvetdemo001';

async function receivers(cloud) {
  const { body } = await cloud.describeImageSharePermission(
    new ecs.DescribeImageSharePermissionRequest({ regionId, imageId }));
  return body.accounts.account.map((a) => a.aliyunId);
}

const cloud = client(ecs.default, key);
const images = await cloud.describeImages(new ecs.DescribeImagesRequest({ regionId, imageOwnerAlias: 'self', pageSize: 50 }));
const found = images.body.images.image.find((i) => i.imageId === imageId);
tell('status', images.statusCode);
tell('image', [found.imageId, found.status, found.isPublic, found.size, found.diskDeviceMappings.diskDeviceMapping[0].type]);
tell('total', images.body.totalCount === images.body.images.image.length);

const addAccount = ['1234567890123456', '2234567890123456'];
await cloud.modifyImageSharePermission(new ecs.ModifyImageSharePermissionRequest({ regionId, imageId, addAccount }));
tell('added', await receivers(cloud));
await cloud.modifyImageSharePermission(
  new ecs.ModifyImageSharePermissionRequest({ regionId, imageId, removeAccount: addAccount.slice(0, 1) }));
tell('removed', await receivers(cloud));

async function tags() {
  const { body } = await cloud.listTagResources(
    new ecs.ListTagResourcesRequest({ regionId, resourceType: 'image', resourceId: [imageId] }));
  return body.tagResources.tagResource.map((t) => `${t.tagKey}:${t.tagValue}`);
}
const tag = [{ key: 'imgvet-digest', value: 'sha256-0f' }, { key: 'imgvet-verdict', value: 'clean' }]
  .map((t) => new ecs.TagResourcesRequestTag(t));
await cloud.tagResources(new ecs.TagResourcesRequest({ regionId, resourceType: 'image', resourceId: [imageId], tag }));
tell('tagged', await tags());
await cloud.untagResources(new ecs.UntagResourcesRequest(
  { regionId, resourceType: 'image', resourceId: [imageId], tagKey: ['imgvet-verdict'] }));
tell('untagged', await tags());
const regions = (await cloud.describeRegions(new ecs.DescribeRegionsRequest({}))).body.regions.region;
tell('regions', regions.length > 1 && regions.every((r) => r.regionId && r.regionEndpoint));

tell('temporary', await receivers(client(ecs.default, temporary)));
tell('wrong-secret', await errorOf(() => receivers(client(ecs.default, { ...key, secret: 'wrong' }))));
tell('wrong-token', await errorOf(() => receivers(client(ecs.default, { ...temporary, token: 'wrong' }))));
tell('unknown-key', await errorOf(() => receivers(client(ecs.default, { ...key, id: 'nobody' }))));
tell('no-image', await errorOf(() => cloud.modifyImageSharePermission(
  new ecs.ModifyImageSharePermissionRequest({ regionId, imageId: 'm-nosuch', addAccount }))));
