/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cloud.c - see cloud.h: making and freeing what every cloud hands out */
#include "share/cloud/cloud.h"

static void free_disk(gpointer item)
{
	IvCloudDisk *disk = item;

	g_free(disk->snapshot);
	g_free(disk->device);
	g_free(disk);
}

IvCloudImage *iv_cloud_image_new(void)
{
	IvCloudImage *image = g_new0(IvCloudImage, 1);

	image->disks = g_ptr_array_new_with_free_func(free_disk);
	return image;
}

IvCloudDisk *iv_cloud_image_add_disk(IvCloudImage *image, const char *snapshot, const char *device)
{
	IvCloudDisk *disk = g_new0(IvCloudDisk, 1);

	disk->snapshot = g_strdup(snapshot);
	disk->device = g_strdup(device);
	g_ptr_array_add(image->disks, disk);
	return disk;
}

void iv_cloud_image_free(IvCloudImage *image)
{
	if (image == NULL)
		return;
	g_free(image->id);
	g_free(image->name);
	g_free(image->state);
	g_free(image->owner);
	g_ptr_array_unref(image->disks);
	g_free(image);
}

IvReceiverList *iv_receiver_list_new(void)
{
	IvReceiverList *list = g_new0(IvReceiverList, 1);

	list->accounts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return list;
}

void iv_receiver_list_free(IvReceiverList *list)
{
	if (list == NULL)
		return;
	g_hash_table_unref(list->accounts);
	g_free(list);
}

IvCloudIdentity *iv_cloud_identity_new(void)
{
	return g_new0(IvCloudIdentity, 1);
}

void iv_cloud_identity_free(IvCloudIdentity *identity)
{
	if (identity == NULL)
		return;
	g_free(identity->account);
	g_free(identity->kind);
	g_free(identity->name);
	g_free(identity->origin);
	g_free(identity);
}

void iv_cloud_free(IvCloud *cloud)
{
	if (cloud != NULL)
		cloud->ops->free(cloud);
}
