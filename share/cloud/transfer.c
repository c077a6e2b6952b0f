/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transfer.c - see transfer.h: freeing what the calls hand out */
#include "share/cloud/transfer.h"

void iv_cloud_task_free(IvCloudTask *task)
{
	if (task == NULL)
		return;
	g_free(task->word);
	g_free(task->problem);
	g_free(task->image);
	g_free(task->bucket);
	g_free(task->object);
	g_free(task);
}

void iv_cloud_object_free(IvCloudObject *object)
{
	if (object == NULL)
		return;
	g_free(object->etag);
	g_free(object);
}

void iv_cloud_instance_free(IvCloudInstance *instance)
{
	if (instance == NULL)
		return;
	g_free(instance->id);
	g_free(instance->region);
	g_free(instance->zone);
	g_free(instance);
}

void iv_cloud_volume_free(IvCloudVolume *volume)
{
	if (volume == NULL)
		return;
	g_free(volume->id);
	g_free(volume->serial);
	g_free(volume->instance);
	g_free(volume);
}
