/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* thread: a detached thread with a small stack that takes no signal. 0 or -errno. */

int thread_start(void *(*run)(void *), void *arg);
