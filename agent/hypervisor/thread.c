/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/thread.h"

#include <pthread.h>
#include <signal.h>

enum { STACK_BYTES = 512 << 10 }; /* reserved, not touched: libvirt's own calls use far less */

int thread_start(void *(*run)(void *), void *arg)
{
        sigset_t all, before;
        pthread_attr_t attr;
        pthread_t thread;

        int r = pthread_attr_init(&attr);
        if (r)
                return -r;
        pthread_attr_setstacksize(&attr, STACK_BYTES);
        pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, &before);
        r = pthread_create(&thread, &attr, run, arg);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        pthread_attr_destroy(&attr);
        return -r;
}
