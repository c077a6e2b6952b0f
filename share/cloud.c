/* cloud.c - see cloud.h: making and freeing what every cloud hands out */
#include "share/cloud.h"

IvCloudImage *iv_cloud_image_new(void)
{
	return g_new0(IvCloudImage, 1);
}

void iv_cloud_image_free(IvCloudImage *image)
{
	if (image == NULL)
		return;
	g_free(image->id);
	g_free(image->name);
	g_free(image->state);
	g_free(image->owner);
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

void iv_cloud_trace_clear(IvCloudTrace *trace)
{
	g_free(trace->code);
	g_free(trace->request_id);
	*trace = (IvCloudTrace){0};
}

void iv_cloud_free(IvCloud *cloud)
{
	if (cloud != NULL)
		cloud->ops->free(cloud);
}
