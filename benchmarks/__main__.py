"""`python -m benchmarks 10000`."""

from benchmarks.run import main

main()
