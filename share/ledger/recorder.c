/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recorder.c - see recorder.h */
#include "share/ledger/recorder.h"

void iv_call_trace_clear(IvCallTrace *trace)
{
	g_free(trace->code);
	g_free(trace->request_id);
	*trace = (IvCallTrace){0};
}
