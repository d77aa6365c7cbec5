-- What nobody saw is gone, and nobody misses it.
SELECT 1;
