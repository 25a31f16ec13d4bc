"""Workers, and their database, are killed while they work: no job is lost, and only those in hand are done again."""

from tutorarc.tests.jobs.real_workers import THREADS

JOBS = 150


def test_two_workers_of_which_one_is_killed_and_their_database_lose_no_job(own_postgres, real_workers):
    real_workers.add_jobs(JOBS)
    with real_workers.worker() as first, real_workers.worker() as second:
        real_workers.wait_for_more(20)
        real_workers.kill(first)
        real_workers.wait_for_more(20)
        own_postgres.kill()
        own_postgres.start()
        real_workers.wait_until_all_are_done()
        second.terminate()
        assert second.wait(timeout=30) == 0
    times_done = real_workers.times_done
    assert set(times_done) == set(range(JOBS))
    assert sum(times_done.values()) - JOBS <= 3 * THREADS  # those in hand at a kill: of the first, and of both
