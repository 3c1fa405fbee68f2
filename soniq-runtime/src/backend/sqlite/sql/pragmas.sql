-- A commit is on the disk when it returns: what was enqueued survives a power cut.
PRAGMA synchronous = FULL;
-- Sorting and other scratch work leaves no files.
PRAGMA temp_store = MEMORY;
