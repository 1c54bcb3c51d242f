//! Container images: build context hashing, build drivers, names and digests
