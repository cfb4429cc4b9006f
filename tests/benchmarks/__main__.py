"""All benchmarks: `python -m tests.benchmarks`."""

from tests.benchmarks import bench_dialog, bench_document, bench_large, bench_start

for benchmark in (bench_start, bench_dialog, bench_large, bench_document):
    benchmark.main()
