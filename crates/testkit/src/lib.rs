//! Test support and the tests that hold the workspace's shape
