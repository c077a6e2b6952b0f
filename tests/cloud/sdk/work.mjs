// SPDX-License-Identifier: GPL-3.0-or-later
// What takes time, through both packages: an image is exported, fetched, stored, imported; a disk is
// made of a snapshot, attached, detached, deleted.
import { client, errorOf, key, need, standin, tell } from './tool.mjs';

const ecs = need('@alicloud/ecs20140526');
const OSS = need('ali-oss');
const regionId = 'cn-hangzhou';
const bucket = 'imgvet-demo-bucket';
const cloud = client(ecs.default, key);
const store = new OSS({
  region: 'oss-cn-hangzhou', accessKeyId: key.id, accessKeySecret: key.secret, bucket, authorizationV4: true, endpoint: `http://${standin}`,
});

// The looks at a thing until it is as wanted, ten at most.
async function looks(look, wanted) {
  const seen = [];
  while (seen.length < 10 && seen.at(-1) !== wanted) seen.push(await look());
  return seen;
}

const task = async (taskId) => (await cloud.describeTaskAttribute(new ecs.DescribeTaskAttributeRequest({ regionId, taskId }))).body;
const status = (taskId) => looks(async () => (await task(taskId)).taskStatus, 'Finished');

const sent = (await cloud.exportImage(new ecs.ExportImageRequest(
  { regionId, imageId: 'm-bp1imgvetdemo001', OSSBucket: bucket, OSSPrefix: 'sdk' }))).body;
tell('export', [...new Set(await status(sent.taskId))]);
const items = (await task(sent.taskId)).operationProgressSet.operationProgress[0].relatedItemSet.relatedItem;
const { OSSObject } = Object.fromEntries(items.map((i) => [i.name, i.value]));
tell('export-object', OSSObject);
const packed = await store.get(OSSObject);
tell('export-gzip', packed.content.subarray(0, 2).toString('hex'));

await store.put('mine.raw', Buffer.alloc(1 << 20));
const imported = (await cloud.importImage(new ecs.ImportImageRequest({
  regionId, imageName: 'sdk-imported', OSType: 'linux', platform: 'Others Linux', architecture: 'x86_64', clientToken: 'sdk',
  diskDeviceMapping: [new ecs.ImportImageRequestDiskDeviceMapping(
    { OSSBucket: bucket, OSSObject: 'mine.raw', format: 'RAW', diskImageSize: 5 })],
}))).body;
tell('import', [...new Set(await status(imported.taskId))]);
const found = (await cloud.describeImages(new ecs.DescribeImagesRequest({ regionId, imageName: 'sdk-imported' }))).body;
tell('import-image', found.images.image.map((i) => i.imageId === imported.imageId && i.status));

const { body: copied } = await cloud.copyImage(new ecs.CopyImageRequest(
  { regionId, imageId: 'm-bp1imgvetdemo001', destinationRegionId: 'cn-beijing', destinationImageName: 'sdk-copy' }));
tell('copy', (await looks(async () => (await cloud.describeImages(new ecs.DescribeImagesRequest(
  { regionId: 'cn-beijing', imageId: copied.imageId, status: 'Creating,Available' }))).body.images.image[0].status, 'Available')).at(-1));

const snapshots = (await cloud.describeSnapshots(new ecs.DescribeSnapshotsRequest(
  { regionId, snapshotIds: '["s-bp1imgvetdemo"]' }))).body.snapshots.snapshot;
tell('snapshot', snapshots.map((s) => [s.snapshotId, s.status].join(' ')));
const instanceId = 'i-bp1imgvetdemo001';
const { diskId } = (await cloud.createDisk(new ecs.CreateDiskRequest(
  { regionId, zoneId: 'cn-hangzhou-h', snapshotId: 's-bp1imgvetdemo', diskCategory: 'cloud_essd', clientToken: 'sdk-disk' }))).body;
const disks = async () => (await cloud.describeDisks(new ecs.DescribeDisksRequest({ regionId, diskIds: `["${diskId}"]` }))).body.disks.disk;
const becomes = async (wanted) => (await looks(async () => (await disks())[0].status, wanted)).at(-1);
tell('disk', await becomes('Available'));
await cloud.attachDisk(new ecs.AttachDiskRequest({ instanceId, diskId }));
tell('disk-attached', await becomes('In_use'));
tell('disk-kept', await errorOf(() => cloud.deleteDisk(new ecs.DeleteDiskRequest({ diskId }))));
await cloud.detachDisk(new ecs.DetachDiskRequest({ instanceId, diskId }));
tell('disk-detached', await becomes('Available'));
await cloud.deleteDisk(new ecs.DeleteDiskRequest({ diskId }));
tell('disk-deleted', (await disks()).length);
