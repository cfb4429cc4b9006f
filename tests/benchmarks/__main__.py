"""All benchmarks: `python -m tests.benchmarks`."""

from tests.benchmarks import (
    bench_decision,
    bench_dialog,
    bench_dns,
    bench_document,
    bench_host_access,
    bench_large,
    bench_prompt,
    bench_start,
    bench_store,
    bench_tables,
)

for benchmark in (
    bench_start,
    bench_prompt,
    bench_decision,
    bench_dialog,
    bench_large,
    bench_tables,
    bench_store,
    bench_document,
    bench_host_access,
    bench_dns,
):
    benchmark.main()
