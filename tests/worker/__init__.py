"""The processes: workers, schedulers, the supervisor; really started, really killed."""
