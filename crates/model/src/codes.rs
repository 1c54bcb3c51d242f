//! Codes of the findings of this crate: `SW03xx`.
//!
//! A code never changes its meaning and is never used again; `tests/codes.rs` checks that every
//! one is listed in [`ALL`] once.

/// An `x-` key that looks like one of ours.
pub const UNKNOWN_EXTENSION: &str = "SW0300";
/// An unknown key inside one of our `x-` sections.
pub const UNKNOWN_KEY: &str = "SW0301";
/// A value of the wrong type or out of its range.
pub const BAD_VALUE: &str = "SW0302";
/// A key of the design that this version does not act on.
pub const NOT_YET: &str = "SW0303";
/// The environment is not declared.
pub const UNKNOWN_ENVIRONMENT: &str = "SW0304";
/// An environment's name or definition cannot be used.
pub const BAD_ENVIRONMENT: &str = "SW0305";
/// Networks of two environments overlap.
pub const OVERLAPPING_CIDR: &str = "SW0306";
/// The kind of a workload is contradictory or was inferred.
pub const WORKLOAD_KIND: &str = "SW0310";
/// Services cannot share a task as written.
pub const TASK_GROUP: &str = "SW0311";
/// CPU or memory was rounded up to what Fargate offers.
pub const SIZE_ROUNDED: &str = "SW0312";
/// CPU or memory is more than Fargate offers.
pub const SIZE_TOO_BIG: &str = "SW0313";
/// A name cannot be used, or two stacks would have one name.
pub const BAD_NAME: &str = "SW0314";
/// A `depends_on` that cannot be kept on ECS.
pub const DEPENDENCY: &str = "SW0315";
/// Several published services and no routes.
pub const ROUTES_MISSING: &str = "SW0320";
/// Two routes match the same requests.
pub const ROUTES_CLASH: &str = "SW0321";
/// A job or task has a published port.
pub const PUBLISHED_PORT: &str = "SW0322";
/// A route is wrong in itself.
pub const BAD_ROUTE: &str = "SW0323";
/// A published port that an HTTP load balancer cannot serve.
pub const NOT_HTTP: &str = "SW0324";
/// More routes than a load balancer can hold.
pub const TOO_MANY_ROUTES: &str = "SW0325";
/// The published port is not the load balancer's port.
pub const PORT_MAPPED: &str = "SW0326";
/// A schedule is wrong.
pub const BAD_SCHEDULE: &str = "SW0330";
/// A timezone is wrong.
pub const BAD_TIMEZONE: &str = "SW0331";
/// A rollout strategy that this version does not have.
pub const ROLLOUT_STRATEGY: &str = "SW0340";
/// Rollout bounds that can never be satisfied, or cost availability.
pub const ROLLOUT_BOUNDS: &str = "SW0341";
/// `verify` without a public address.
pub const VERIFY: &str = "SW0342";
/// A time of a health check was moved into the range of ECS.
pub const HEALTH_CLAMPED: &str = "SW0350";
/// `stop_grace_period` was moved into the range of ECS.
pub const STOP_CLAMPED: &str = "SW0351";
/// An environment variable without a value.
pub const UNSET_VARIABLE: &str = "SW0352";
/// An environment variable is set twice.
pub const VARIABLE_TWICE: &str = "SW0353";
/// A service has no image.
pub const NO_IMAGE: &str = "SW0354";
/// A Compose key that ECS or Fargate cannot do.
pub const NOT_ON_ECS: &str = "SW0355";
/// A mount that Fargate cannot do.
pub const BAD_MOUNT: &str = "SW0356";
/// A named volume does not outlive its task.
pub const VOLUME_LIFETIME: &str = "SW0357";
/// A platform that Fargate does not run.
pub const BAD_PLATFORM: &str = "SW0358";
/// A secret is unknown or defined wrongly.
pub const BAD_SECRET: &str = "SW0360";
/// `Services` of a resource names no workload.
pub const UNKNOWN_SERVICE: &str = "SW0370";
/// A resource cannot be read.
pub const BAD_RESOURCE: &str = "SW0371";

/// `seaway.lookups.json` cannot be read.
pub const LOOKUPS: &str = "SW0372";

/// Every code with its meaning in a line, for `explain` and the documentation.
pub const ALL: &[(&str, &str)] = &[
    (UNKNOWN_EXTENSION, "an x- key that looks like one of Seaway's but is not"),
    (UNKNOWN_KEY, "an unknown key inside one of Seaway's x- sections"),
    (BAD_VALUE, "a value of the wrong type or out of its range"),
    (NOT_YET, "a key of the design that this version does not act on"),
    (UNKNOWN_ENVIRONMENT, "the environment is not declared in x-environments"),
    (BAD_ENVIRONMENT, "an environment's name or definition cannot be used"),
    (OVERLAPPING_CIDR, "the networks of two environments overlap"),
    (WORKLOAD_KIND, "the kind of a workload is contradictory, or was inferred"),
    (TASK_GROUP, "services cannot share a task as written"),
    (SIZE_ROUNDED, "CPU or memory was rounded up to what Fargate offers"),
    (SIZE_TOO_BIG, "CPU or memory is more than Fargate offers"),
    (BAD_NAME, "a name cannot be used, or two stacks would have one name"),
    (DEPENDENCY, "a depends_on that cannot be kept on ECS"),
    (ROUTES_MISSING, "several published services and no routes"),
    (ROUTES_CLASH, "two routes match the same requests"),
    (PUBLISHED_PORT, "a job or task has a published port"),
    (BAD_ROUTE, "a route is wrong in itself"),
    (NOT_HTTP, "a published port that an HTTP load balancer cannot serve"),
    (TOO_MANY_ROUTES, "more routes than a load balancer can hold"),
    (PORT_MAPPED, "the published port is not the load balancer's port"),
    (BAD_SCHEDULE, "a schedule is wrong"),
    (BAD_TIMEZONE, "a timezone is wrong"),
    (ROLLOUT_STRATEGY, "a rollout strategy that this version does not have"),
    (ROLLOUT_BOUNDS, "rollout bounds that can never be satisfied, or cost availability"),
    (VERIFY, "verify without a public address"),
    (HEALTH_CLAMPED, "a time of a health check was moved into the range of ECS"),
    (STOP_CLAMPED, "stop_grace_period was moved into the range of ECS"),
    (UNSET_VARIABLE, "an environment variable without a value"),
    (VARIABLE_TWICE, "an environment variable is set twice"),
    (NO_IMAGE, "a service has neither image nor build"),
    (NOT_ON_ECS, "a Compose key that ECS or Fargate cannot do"),
    (BAD_MOUNT, "a mount that Fargate cannot do"),
    (VOLUME_LIFETIME, "a named volume does not outlive its task"),
    (BAD_PLATFORM, "a platform that Fargate does not run"),
    (BAD_SECRET, "a secret is unknown or defined wrongly"),
    (UNKNOWN_SERVICE, "Services of a resource names no workload"),
    (BAD_RESOURCE, "a resource cannot be read"),
    (LOOKUPS, "seaway.lookups.json cannot be read"),
];
