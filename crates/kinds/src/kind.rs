//! What a kind is.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_diag::Sink;
use seaway_model::AccessEdge;
use seaway_model::App;
use seaway_model::Resource;

use crate::Reference;
use crate::common;
use crate::properties::Property;
use crate::shape;

/// A named set of IAM actions on one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessLevel {
    /// What of the resource it is about, where a kind has several (`Access: { objects: RW }`);
    /// empty: the resource itself.
    pub part: &'static str,
    /// As written under `Access`.
    pub name: &'static str,
    /// Exact actions, never with a wildcard.
    pub actions: &'static [&'static str],
    /// What follows the resource's ARN, such as `/*` for the objects of a bucket.
    pub on: &'static [&'static str],
    /// What it allows, in words.
    pub description: &'static str,
}

/// Returns a level on the resource itself.
pub(crate) const fn level(
    name: &'static str,
    actions: &'static [&'static str],
    description: &'static str,
) -> AccessLevel {
    AccessLevel { part: "", name, actions, on: &[""], description }
}

impl AccessLevel {
    /// Returns it as a level of a part.
    pub(crate) const fn of(self, part: &'static str) -> Self {
        AccessLevel { part, ..self }
    }

    /// Returns it on what follows the ARN.
    pub(crate) const fn on(self, on: &'static [&'static str]) -> Self {
        AccessLevel { on, ..self }
    }
}

/// Where the value of an attribute comes from; ids are those of the main resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `Ref`.
    Ref,
    /// `Fn::GetAtt`.
    Att(&'static str),
    /// `Fn::GetAtt` of a further resource: suffix of its logical id, attribute.
    ChildAtt(&'static str, &'static str),
    /// `Ref` of a further resource.
    ChildRef(&'static str),
    /// `Fn::Sub` of a text in which `{id}` is the logical id.
    Text(&'static str),
}

/// An attribute that may be returned or referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: &'static str,
    /// Where it comes from.
    pub source: Source,
}

/// How a resource type takes tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tagging {
    /// A list of `Key` and `Value` in this property.
    List(&'static str),
    /// An object in this property.
    Map(&'static str),
    /// It has none.
    None,
}

/// What becomes of the data when the resource leaves the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// There is none.
    Nothing,
    /// The resource stays.
    Retain,
    /// A snapshot stays.
    Snapshot,
}

/// What is known of a kind without running anything: most kinds are nothing but this.
#[derive(Debug)]
pub struct Facts {
    /// Module key, such as `x-sqs`.
    pub key: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// What its logical ids begin with, such as `Queue`.
    pub id_prefix: &'static str,
    /// Type of the main resource.
    pub resource_type: &'static str,
    /// What may be written under `Access`; the first part is meant where only a word is given.
    pub access: &'static [AccessLevel],
    /// What may be written under `ReturnValues` and after `x-…::name::`.
    pub attributes: &'static [Attribute],
    /// Attribute that is injected when there are no `ReturnValues`.
    pub default_attribute: &'static str,
    /// Attribute that is the ARN to which access is given.
    pub arn_attribute: &'static str,
    /// End of the environment variable that is set when there are no `ReturnValues`.
    pub variable_suffix: &'static str,
    /// What may be written under `MacroParameters`.
    pub macros: &'static [Property],
    /// What may be written under `Settings`.
    pub settings: &'static [Property],
    /// Keys beside `Properties` that only this kind has.
    pub keys: &'static [&'static str],
    /// Keys of an entry of `Services` that only this kind has.
    pub edge_keys: &'static [&'static str],
    /// Properties that are set where the user does not: name, JSON.
    pub defaults: &'static [(&'static str, &'static str)],
    /// Tags.
    pub tagging: Tagging,
    /// Fate of the data.
    pub lasting: Lasting,
    /// Property that names the KMS key, which those with access must be allowed to use.
    pub key_property: Option<&'static str>,
    /// `Services` may name a service without `Access`, because there is nothing to allow.
    pub without_access: bool,
    /// It stands in the subnets of the tasks, behind a security group of its own.
    pub networked: bool,
    /// An example, as it stands in a Compose file, for the documentation.
    pub example: &'static str,
}

/// Returns an attribute.
pub(crate) const fn attribute(name: &'static str, source: Source) -> Attribute {
    Attribute { name, source }
}

impl Facts {
    /// Facts of nothing, to be completed.
    pub(crate) const NONE: Facts = Facts {
        key: "",
        title: "",
        id_prefix: "",
        resource_type: "",
        access: &[],
        attributes: &[],
        default_attribute: "",
        arn_attribute: "",
        variable_suffix: "",
        macros: &[],
        settings: &[],
        keys: &[],
        edge_keys: &[],
        defaults: &[],
        tagging: Tagging::List("Tags"),
        lasting: Lasting::Nothing,
        key_property: None,
        without_access: false,
        networked: false,
        example: "",
    };
}

/// A kind that is nothing but its facts.
pub(crate) struct Plain(pub(crate) &'static Facts);

impl Kind for Plain {
    fn facts(&self) -> &'static Facts {
        self.0
    }
}

/// Subnets, VPC, for kinds that stand in the network.
#[derive(Clone, Debug)]
pub struct Network {
    /// The VPC.
    pub vpc: Value,
    /// A list of private subnets.
    pub subnets: Value,
}

/// What a kind makes resources from.
pub struct Synth<'a> {
    /// The application.
    pub app: &'a App,
    /// The resource.
    pub resource: &'a Resource,
    /// Logical id of its main CloudFormation resource; further ones begin with it.
    pub id: &'a str,
    /// Resources that refer to this one.
    pub needed_by: &'a [&'a Resource],
    /// Value of an attribute of another resource of the application, in this stack.
    pub value_of: &'a dyn Fn(&Reference) -> Option<Value>,
    /// Where the tasks are; `None` unless the kind asks for it.
    pub network: Option<&'a Network>,
    /// Data goes with the stack: the environment is `local` or ephemeral.
    pub disposable: bool,
    /// Tags.
    pub tags: &'a Value,
}

/// A metric that an application may be scaled by.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Properties of the alarm, without its actions and name.
    pub alarm: IndexMap<String, Value>,
    /// Dimension whose value is an attribute of the resource: name, attribute.
    pub dimension: Option<(&'static str, &'static str)>,
}

/// A variable of the task that comes from a secret of the resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretVariable {
    /// Environment variable.
    pub variable: String,
    /// Key of the secret's JSON; `None`: all of it.
    pub json_key: Option<String>,
}

/// A kind of resource.
pub trait Kind: Sync {
    /// Returns what is known of it.
    fn facts(&self) -> &'static Facts;

    /// Returns the module key, such as `x-sqs`.
    fn key(&self) -> &'static str {
        self.facts().key
    }

    /// Returns what its logical ids begin with, such as `Queue`.
    fn id_prefix(&self) -> &'static str {
        self.facts().id_prefix
    }

    /// Returns what may be written under `Access`.
    fn access_levels(&self) -> &'static [AccessLevel] {
        self.facts().access
    }

    /// Returns the type of the main resource; some kinds have two.
    fn resource_type(&self, resource: &Resource) -> &'static str {
        let _ = resource;
        self.facts().resource_type
    }

    /// Returns the value of an attribute of the resource with this logical id, inside its stack.
    fn attribute(&self, resource: &Resource, id: &str, name: &str) -> Option<Value> {
        let _ = resource;
        common::attribute(self.facts(), id, name)
    }

    /// Returns the environment variable that is set when there are no `ReturnValues`; `None`: none.
    fn default_variable(&self, name: &str) -> Option<String> {
        let suffix = self.facts().variable_suffix;
        (!suffix.is_empty()).then(|| format!("{}_{suffix}", upper_snake(name)))
    }

    /// Returns the resources that it needs: every `x-…::name` in what the user wrote.
    fn needs(&self, resource: &Resource) -> Vec<Reference> {
        common::references(resource)
    }

    /// Checks `Properties`, `MacroParameters` and `Settings`.
    fn check_shape(&self, resource: &Resource, sink: &mut Sink) {
        shape::check_resource(self.facts(), self.resource_type(resource), resource, sink);
    }

    /// Checks what tables cannot say.
    fn check(&self, resource: &Resource, app: &App, sink: &mut Sink) {
        let _ = (resource, app, sink);
    }

    /// Returns the CloudFormation resources by logical id.
    fn synth(&self, input: &Synth<'_>) -> IndexMap<String, seaway_cfn::Resource> {
        IndexMap::from([(input.id.to_owned(), common::main(self, input))])
    }

    /// Returns the port on which it listens inside the network.
    fn port(&self, resource: &Resource) -> Option<u16> {
        let _ = resource;
        None
    }

    /// Returns the variables that a workload gets from the resource's secret (`SecretArn`).
    fn secrets(&self, resource: &Resource, edge: &AccessEdge) -> Vec<SecretVariable> {
        let _ = (resource, edge);
        Vec::new()
    }

    /// Returns the metric by which `Scaling` scales.
    fn metric(&self, resource: &Resource) -> Option<Metric> {
        let _ = resource;
        None
    }
}

/// Returns a name as the begin of an environment variable: `my-queue` → `MY_QUEUE`.
pub(crate) fn upper_snake(name: &str) -> String {
    let upper: String = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' })
        .collect();
    if upper.starts_with(|letter: char| letter.is_ascii_digit()) { format!("_{upper}") } else { upper }
}

#[cfg(test)]
mod tests {
    use super::upper_snake;

    #[test]
    fn names_become_variables() {
        for (name, expected) in [("orders", "ORDERS"), ("my-queue.fifo", "MY_QUEUE_FIFO"), ("2nd", "_2ND")] {
            assert_eq!(upper_snake(name), expected);
        }
    }
}
