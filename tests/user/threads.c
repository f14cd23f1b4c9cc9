/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/threads.c - pthreads: create, join, mutex, condition, barrier, TLS */
#include "tests/user/test.h"
#include <semaphore.h>

#define THREADS 8
#define ROUNDS 5000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t sem;
static long counter;
static int turn;
static __thread int mine;
static pthread_key_t key;
static int destroyed;

static void *count(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&lock);
		counter++;
		pthread_mutex_unlock(&lock);
	}
	mine = (int)(intptr_t)arg;
	return (void *)(intptr_t)(mine * mine);
}

static void *ping_pong(void *arg)
{
	int me = (int)(intptr_t)arg;

	for (int i = 0; i < 500; i++) {
		pthread_mutex_lock(&lock);
		while (turn != me)
			pthread_cond_wait(&cond, &lock);
		turn = !me;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static void *meet(void *arg)
{
	long serial = 0;

	for (int i = 0; i < 50; i++)
		serial += pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
	return (void *)serial;
}

static void destructor(void *p)
{
	__atomic_add_fetch(&destroyed, 1, __ATOMIC_SEQ_CST);
}

static void *use_key(void *arg)
{
	pthread_setspecific(key, arg);
	sem_post(&sem);
	return pthread_getspecific(key);
}

static void *never_ends(void *arg)
{
	sem_post(&sem);
	for (;;)
		pause();
	return NULL;
}

static void *outlives_main(void *arg)
{
	pause_ms(50);
	puts("the last thread says good-bye");
	fflush(stdout);
	return NULL;
}

static void join_all(pthread_t *t, int n, const char *what)
{
	long sum = 0;
	void *ret;

	for (int i = 0; i < n; i++) {
		if (pthread_join(t[i], &ret))
			printf("%s: join failed\n", what);
		sum += (long)ret;
	}
	printf("%s: sum of results %ld\n", what, sum);
}

static void timed_wait(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += 30000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&lock);
	printf("timed wait: %s\n", errno_name(pthread_cond_timedwait(&cond, &lock, &ts)));
	pthread_mutex_unlock(&lock);
}

int main(void)
{
	pthread_t t[THREADS], extra;
	void *ret;

	for (long i = 0; i < THREADS; i++)
		if (pthread_create(&t[i], NULL, count, (void *)i))
			puts("create failed");
	join_all(t, THREADS, "count");
	printf("counter %ld, mine %d\n", counter, mine);

	for (long i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, ping_pong, (void *)i);
	join_all(t, 2, "ping-pong");

	pthread_barrier_init(&barrier, NULL, 4);
	for (long i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, meet, NULL);
	join_all(t, 4, "barrier");

	sem_init(&sem, 0, 0);
	pthread_key_create(&key, destructor);
	for (long i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, use_key, (void *)(i + 1));
	for (int i = 0; i < 3; i++)
		sem_wait(&sem);
	join_all(t, 3, "key");
	printf("destructors %d\n", destroyed);

	pthread_create(&extra, NULL, never_ends, NULL);
	sem_wait(&sem);
	pthread_cancel(extra);
	pthread_join(extra, &ret);
	HOLDS(ret == PTHREAD_CANCELED);
	timed_wait();
	for (int i = 0; i < 200; i++) {
		pthread_create(&extra, NULL, count, NULL);
		if (i % 2)
			pthread_join(extra, NULL);
		else
			pthread_detach(extra);
	}
	while (__atomic_load_n(&counter, __ATOMIC_SEQ_CST) < (THREADS + 200L) * ROUNDS)
		pause_ms(1);
	printf("counter %ld\n", counter);
	fflush(stdout);
	IN_CHILD("exit from a thread ends all", {
		pthread_create(&extra, NULL, never_ends, NULL);
		pthread_create(&extra, NULL, never_ends, NULL);
		exit(9);
	});
	/* the process lives as long as its last thread, and ends with status 0 */
	pthread_create(&extra, NULL, outlives_main, NULL);
	pthread_exit(NULL);
}
