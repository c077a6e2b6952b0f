/* transfer.c - see transfer.h: freeing what the calls hand out */
#include "share/transfer.h"

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
