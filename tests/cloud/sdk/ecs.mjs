// The calls of ECS and STS through the official packages.
import { errorOf, key, need, standin, tell, temporary } from './tool.mjs';

const ecs = need('@alicloud/ecs20140526');
const { $OpenApiUtil } = need('@alicloud/openapi-core');
const regionId = 'cn-hangzhou';
const imageId = 'm-bp1imgvetdemo001';

function client(Client, { id, secret, token }) {
  return new Client(new $OpenApiUtil.Config({
    accessKeyId: id, accessKeySecret: secret, securityToken: token, regionId, endpoint: standin, protocol: 'HTTP',
  }));
}

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

tell('temporary', await receivers(client(ecs.default, temporary)));
tell('wrong-secret', await errorOf(() => receivers(client(ecs.default, { ...key, secret: 'wrong' }))));
tell('wrong-token', await errorOf(() => receivers(client(ecs.default, { ...temporary, token: 'wrong' }))));
tell('unknown-key', await errorOf(() => receivers(client(ecs.default, { ...key, id: 'nobody' }))));
tell('no-image', await errorOf(() => cloud.modifyImageSharePermission(
  new ecs.ModifyImageSharePermissionRequest({ regionId, imageId: 'm-nosuch', addAccount }))));
