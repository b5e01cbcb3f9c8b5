"""Long runs in shards, which can be killed and continued, and whose records merge."""
