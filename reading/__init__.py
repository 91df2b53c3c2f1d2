"""From bytes to words with boxes: the sandbox and its readers.

The way in is `reading.pool.ReaderPool`. Everything that touches a stranger's bytes runs in a child process
(`reading.child`); the modules that the pool itself imports load no PDF, image or OCR library.
"""
