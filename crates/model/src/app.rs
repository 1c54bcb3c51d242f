//! The application.

use camino::Utf8PathBuf;
use indexmap::IndexMap;
use seaway_compose::Extension;
use seaway_diag::Span;
use seaway_diag::Spanned;
use seaway_yaml::Node;

use crate::Environment;
use crate::Workload;

/// An application in one environment.
#[derive(Clone, Debug)]
pub struct App {
    /// Compose project name.
    pub name: String,
    /// Folder of the Compose file (absolute).
    pub directory: Utf8PathBuf,
    /// The environment that it is resolved for.
    pub environment: Environment,
    /// All environments that the file names, `local` included, in file order.
    pub environments: Vec<String>,
    /// Workloads in file order.
    pub workloads: IndexMap<String, Workload>,
    /// Resources of `x-sqs`, `x-s3`, … in file order.
    pub resources: Vec<Resource>,
    /// Secrets by Compose name.
    pub secrets: IndexMap<String, Secret>,
    /// Least port that a public service publishes: where the public load balancer of `local`
    /// listens. On AWS it listens on 80 and 443.
    pub public_port: Option<u16>,
    /// `x-tags`.
    pub tags: IndexMap<String, String>,
    /// Answers of `seaway.lookups.json` for this environment: module → name → attribute → value.
    pub lookups: IndexMap<String, IndexMap<String, IndexMap<String, String>>>,
    /// Text of files that resources name with `FromFile`, by that name.
    pub beside: IndexMap<String, String>,
}

/// A resource of an `x-` kind; its kind interprets `properties`.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Module key, such as `x-sqs`.
    pub module: String,
    /// Its name under the module.
    pub name: Spanned<String>,
    /// `Properties`: CloudFormation's own names.
    pub properties: Option<Node>,
    /// `MacroParameters`.
    pub macro_parameters: Option<Node>,
    /// `Settings`.
    pub settings: Option<Node>,
    /// `Lookup`.
    pub lookup: Option<Node>,
    /// `Services`: workload name → what it may do.
    pub services: IndexMap<String, AccessEdge>,
    /// Keys that only some kinds have (`Scaling`, `Topics`, …).
    pub extra: IndexMap<String, Extension>,
}

/// What a workload may do with a resource.
#[derive(Clone, Debug)]
pub struct AccessEdge {
    /// Place of the workload's name under `Services`.
    pub span: Span,
    /// `Access`, such as `RWMessages`.
    pub access: Option<Spanned<String>>,
    /// `Access` by parts of the resource, such as `objects` → `RW`.
    pub parts: IndexMap<String, Spanned<String>>,
    /// `ReturnValues`: attribute → environment variable.
    pub return_values: IndexMap<String, Spanned<String>>,
    /// `Scaling`, uninterpreted.
    pub scaling: Option<Node>,
    /// Keys that only some kinds have (`SecretsMappings`, `TaskCount`, …).
    pub extra: IndexMap<String, Extension>,
}

/// Where the value of a secret comes from on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretOrigin {
    /// A file (absolute).
    File(Utf8PathBuf),
    /// An environment variable.
    Variable(String),
    /// Nowhere: `external: true`.
    External,
}

/// A secret.
#[derive(Clone, Debug)]
pub struct Secret {
    /// Place of its key.
    pub span: Span,
    /// Compose name.
    pub name: String,
    /// SSM parameter name (begins with `/`) or Secrets Manager name in the environment.
    pub store_name: String,
    /// It is a Secrets Manager secret, not an SSM parameter.
    pub secrets_manager: bool,
    /// Environment variables in which it is handed over: variable → key of its JSON, or all of it.
    /// Empty: one, named after the secret.
    pub variables: IndexMap<String, Option<String>>,
    /// The application itself may read it (`LinksTo: [EcsTaskRole]`), too.
    pub readable: bool,
    /// Where its value comes from on this machine.
    pub origin: SecretOrigin,
}
