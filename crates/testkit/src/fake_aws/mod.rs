//! A fake of the AWS endpoints that Seaway calls: real HTTP on a loopback port, scripted, on a
//! virtual clock, without credentials of anybody.
//!
//! One port speaks CloudFormation, ECS, ELBv2, CloudWatch Logs, SSM, Secrets Manager, STS, S3
//! (path style), ECR and EventBridge Scheduler; the credential scope of the signature says which
//! one is meant. Signatures are not checked, IAM is not evaluated, and all accounts share one world.
//!
//! A stack goes through CloudFormation's statuses and events; its resources are made in dependency
//! order, and its ECS services run deployments with tasks that behave as the [`Scenario`] says. Time
//! passes with each call, with [`FakeAws::advance`], or with the real clock: [`Clock`].
//!
//! `tools/check_fake_aws.py` holds every response against botocore's own models.
//!
//! ```
//! use seaway_testkit::fake_aws::FakeAws;
//! use seaway_testkit::fake_aws::Fault;
//! use seaway_testkit::fake_aws::FaultKind;
//! use seaway_testkit::fake_aws::Scenario;
//!
//! let aws = FakeAws::start(Scenario::default()).unwrap();
//! aws.fault(Fault::new(FaultKind::Throttled).operation("CreateChangeSet"));
//! // … a client with `AWS_ENDPOINT_URL` = `aws.url` …
//! assert!(aws.requests().mutating().is_empty());
//! assert_eq!(aws.stack_status("shop-prod-web"), None);
//! ```

mod around;
mod behaviour;
mod cloudformation;
mod ecs;
mod fault;
mod handle;
mod picture;
mod request;
mod scenario;
mod server;
mod time;
mod world;

pub use behaviour::BehaviourRule;
pub use behaviour::Containers;
pub use fault::Fault;
pub use fault::FaultKind;
pub use handle::FakeAws;
pub use picture::Picture;
pub use picture::ServicePicture;
pub use picture::StackPicture;
pub use request::Request;
pub use request::Requests;
pub use scenario::Clock;
pub use scenario::During;
pub use scenario::Expect;
pub use scenario::Image;
pub use scenario::InitialResource;
pub use scenario::InitialStack;
pub use scenario::ResourceFailure;
pub use scenario::ResourceName;
pub use scenario::Scenario;
pub use scenario::ScenarioError;
pub use scenario::Timing;
