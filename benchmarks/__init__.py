"""Measurements that take too long for a test, committed under reports/benchmarks."""
