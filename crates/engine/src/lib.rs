//! Plan, stack graph, release, verification and rollback over the cloud port
