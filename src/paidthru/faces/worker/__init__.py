"""The worker: does what is due, for every organization, as long as it runs.

Jobs are hints; what is due lives in the tables. So a job that is lost costs a minute, and one that comes twice
nothing: `runs` finds out what is to be done. Any number of workers may run side by side.
"""
